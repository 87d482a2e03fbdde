(** The sample space of Theorem 3: N lists drawn independently and uniformly, and what the N
    base models answer on all e test examples at once. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Counting Confidence Votes.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** An event that need not be decidable has probability at most [a]: a decidable one that
    contains it has. *)
Definition at_most (T : finType) (P : T -> rat) (E : T -> Prop) (a : rat) : Prop :=
  exists B : pred T, Pr P B <= a /\ forall o, E o -> B o.

Section Sampling.
Variables (X : Type) (k c e N : nat).

(** A base model answers all e test examples at once. *)
Definition answers : finType := [finType of {ffun 'I_e -> 'I_c}].
Definition joint := k.-tuple X -> answers -> rat.
Definition is_joint (J : joint) : Prop :=
  (forall w f, 0 <= J w f) /\ (forall w, \sum_f J w f = 1).
Definition at_example (J : joint) (i : 'I_e) : learner X k c :=
  fun w l => \sum_(f : answers | f i == l) J w f.

Lemma at_example_learner J i : is_joint J -> is_learner (at_example J i).
Proof.
case=> J0 J1; split=> [w l|w]; first by apply: sumr_ge0.
by rewrite -(J1 w) [RHS](partition_big (fun f : answers => f i) xpredT).
Qed.

Variables (n : nat) (D : 'I_n -> X).
Hypothesis n_gt0 : (0 < n)%N.

(** N lists drawn from D, uniformly, with replacement, independently; and what the N models say. *)
Definition outcome : finType := [finType of {ffun 'I_N -> lists k n * answers}].
Definition chance (J : joint) (o : outcome) : rat :=
  \prod_m (J (drawn D (o m).1) (o m).2 / (n ^ k)%:R).
Definition votes_of (o : outcome) (i : 'I_e) : votes c N := [ffun m => (o m).2 i].

Lemma nk_gt0 : 0 < (n ^ k)%:R :> rat.
Proof. by rewrite ltr0n expn_gt0 n_gt0. Qed.

Lemma chance_ge0 J o : is_joint J -> 0 <= chance J o.
Proof. by case=> J0 _; apply: prodr_ge0 => m _; rewrite divr_ge0 // ltW // nk_gt0. Qed.

Lemma one_model (J : joint) (P : pred answers) :
  \sum_(x : lists k n * answers | P x.2) J (drawn D x.1) x.2 / (n ^ k)%:R =
  (\sum_(w : lists k n) \sum_(f | P f) J (drawn D w) f) / (n ^ k)%:R.
Proof.
rewrite mulr_suml (eq_bigr (fun w => \sum_(f | P f) J (drawn D w) f / (n ^ k)%:R)); last first.
  by move=> w _; rewrite mulr_suml.
by rewrite pair_big /=; apply: eq_bigl => x.
Qed.

Lemma chance_sum J : is_joint J -> \sum_o chance J o = 1.
Proof.
case=> _ J1.
rewrite -(bigA_distr_bigA (fun _ (x : lists k n * answers) => J (drawn D x.1) x.2 / (n ^ k)%:R)) /=.
apply: big1 => m _; rewrite (one_model J xpredT) (eq_bigr (fun=> 1)) => [|w _]; last exact: J1.
by rewrite sumr_const card_lists divff // gt_eqF // nk_gt0.
Qed.

Lemma prob_ge0 J i l : is_joint J -> 0 <= prob (at_example J i) D l.
Proof.
by move=> /(at_example_learner i) [A0 _]; apply: divr_ge0; [apply: sumr_ge0 | rewrite ltW // nk_gt0].
Qed.

Lemma prob_sum J i : is_joint J -> \sum_l prob (at_example J i) D l = 1.
Proof.
move=> /(at_example_learner i) [_ A1]; rewrite /prob -mulr_suml exchange_big /=.
rewrite (eq_bigr (fun=> 1)) => [|w _]; last exact: A1.
by rewrite sumr_const card_lists divff // gt_eqF // nk_gt0.
Qed.

(** One example's votes are N independent votes with its label probabilities. *)
Lemma marginal J i (E : pred (votes c N)) :
  Pr (chance J) (fun o => E (votes_of o i)) = Pr (weight (N := N) (prob (at_example J i) D)) E.
Proof.
rewrite /Pr (partition_big (fun o => votes_of o i) E) //=; apply: eq_bigr => v Ev.
pose g (x : lists k n * answers) := J (drawn D x.1) x.2 / (n ^ k)%:R.
rewrite (eq_bigl (fun o => o \in family (fun m => [pred x : lists k n * answers | x.2 i == v m]))).
  rewrite -(bigA_distr_big_dep _ (fun _ => g)) /= /weight; apply: eq_bigr => m _.
  by rewrite (one_model J (fun f => f i == v m)) /prob /mass.
move=> o; apply/andP/familyP => [[_ /eqP eq_v] m|fam].
  by rewrite inE -eq_v ffunE.
have -> : votes_of o i = v by apply/ffunP => m; rewrite ffunE; have := fam m; rewrite inE => /eqP.
by rewrite Ev eqxx.
Qed.

End Sampling.
