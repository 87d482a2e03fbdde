(** Theorem 3 from the lists to the program: the probability that the program accepts a false
    row is at most alpha, whatever the learner and whoever wrote the file. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Confidence Claims Checker Checked Guarantee Votes Sign.
From Bagcert Require Import Sampling Canonical Rows Decided Levels Simuem Separated OneExample.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** A larger radius reaches more. *)
Lemma reaches_more a X n n' (D : 'I_n -> X) (D' : 'I_n' -> X) r s : (r <= s)%N ->
  reaches a r D D' -> reaches a s D D'.
Proof.
move=> rs; have more x y : (x <= y + r)%N -> (x <= y + s)%N.
  by move=> le; apply: leq_trans le _; rewrite leq_add2l.
case: a => /=.
- by case=> pos [m [sh /more le]]; split=> //; exists m.
- by case=> eq_n [m [sh /more le]]; split=> //; exists m.
- by case=> pos [sh /more le].
- by case=> sh /more le.
Qed.

(** What holds of a larger event holds of a smaller one. *)
Lemma at_most_sub (T : finType) (P : T -> rat) (E F : T -> Prop) (a : rat) :
  (forall o, E o -> F o) -> at_most P F a -> at_most P E a.
Proof. by move=> sub [B [le_a FB]]; exists B; split=> // o /sub /FB. Qed.

(** [predicts], decided. *)
Definition predictsb X k c (A : learner X k c) n (D : 'I_n -> X) (l : 'I_c) : bool :=
  [forall j, (j != l) ==> (prob A D j < prob A D l)].

Lemma predictsP X k c (A : learner X k c) n (D : 'I_n -> X) l :
  reflect (predicts A D l) (predictsb A D l).
Proof.
apply: (iffP forallP) => [all j j_l|pred j]; first exact: (implyP (all j)).
by apply/implyP; apply: pred.
Qed.

(** A row counts as certified at the radius [r] for the true label [y]. *)
Definition certified_for (r y : nat) (stated : row) : bool :=
  if stated is Certificate l _ _ rad _ then (N.to_nat l == y) && (r <= N.to_nat rad)%N else false.

Section EndToEnd.
Variables (h : header) (X : Type).
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let n := N.to_nat (h_n h).
Let k := N.to_nat (h_k h).
Variables (e : nat) (D : 'I_n -> X) (J : joint X k c e).
Hypothesis ok : BinRow.header_ok h = true.
Hypothesis is_J : is_joint J.
Hypothesis suit : forall i, suits (h_residual h) (at_example J i).

Let outs := outcome k c e V n.

(** Some row is accepted of example [i]'s votes, and false: whoever wrote it. *)
Definition false_accepted (o : outs) (i : 'I_e) : Prop :=
  exists stated, BinRow.accepts h (vote_counts (votes_of o i)) stated = true /\
    false_row (at_example J i) D stated.

Let A i := at_example J i.
Let p i := prob (A i) D.
Let good_h : in_range h. Proof. exact/header_okP. Qed.
Let bad (i : 'I_e) : pred outs := fun o => misled good_h (p i) (votes_of o i).

Section Nonempty.
Hypothesis n_gt0 : (0 < n)%N.
Let p_ge0 i j : 0 <= p i j. Proof. exact: prob_ge0. Qed.
Let p_sum i : \sum_j p i j = 1. Proof. exact: prob_sum. Qed.

Let bad_level i : Pr (chance D J) (bad i) <= proven_level h.
Proof.
rewrite /bad (marginal D J i (misled good_h (p i))).
exact: misled_level (p_ge0 i) (p_sum i).
Qed.

(** Outside the bad event an accepted row is true of every data set within its radius. *)
Let accepted_true o i l lo up rad w : ~~ bad i o ->
  BinRow.accepts h (vote_counts (votes_of o i)) (Certificate l lo up rad w) ->
  forall n' (D' : 'I_n' -> X), reaches (h_attack h) (N.to_nat rad) D D' ->
  exists j : 'I_c, N.to_nat l = j /\ predicts (A i) D' j.
Proof.
move=> good /(acceptsP good_h) [lE loE upE [sel claim]] n' D' reach.
have is_due : due (h := h) (votes_of o i).
  have d_pos : 0 < (Pos.to_nat (h_grid h))%:R :> rat.
    by rewrite ltr0n; apply/ssrnat.ltP/Pos2Nat.is_pos.
  rewrite /due sel /=; case: claim => _ [+ _ _].
  by rewrite ltr_pmul2r ?invr_gt0 // ltr_nat.
have bound := due_good is_due good.
exists (due_label good_h (votes_of o i)); split; first by rewrite lE (labE good_h).
exact: (true_claim_predicts (suit i) bound claim).
Qed.

Let false_bad o i : false_accepted o i -> bad i o.
Proof.
case=> -[l lo up rad w|why] [acc] // [n' [D' [reach no]]].
apply: contraT => good; case: no; exact: (accepted_true good acc reach).
Qed.

Lemma each_row_some i : at_most (chance D J) (fun o => false_accepted o i) (proven_level h).
Proof. by exists (bad i); split; [apply: bad_level | move=> o; apply: false_bad]. Qed.

Lemma any_row_some : at_most (chance D J) (fun o => exists i, false_accepted o i)
  (e%:R * proven_level h).
Proof.
exists [pred o | [exists i, xpredT i && bad i o]]; split=> [|o [i /false_bad bad_i]]; last first.
  by apply/existsP; exists i.
have P0 (o : outs) : 0 <= chance D J o by apply: chance_ge0.
apply: le_trans (Pr_exists P0 xpredT bad) _.
apply: le_trans (ler_sum _ (fun i _ => bad_level i)) _.
by rewrite sumr_const card_ord [leRHS]mulr_natl.
Qed.

End Nonempty.

(** From no examples nothing is certified. *)
Let certified_some o i : false_accepted o i -> (0 < n)%N.
Proof.
by case=> -[l lo up rad w|why] [] // /(acceptsP good_h) [_ _ _ [_ [[n_gt0 _ _ _] _]]].
Qed.

Let proven_ge0 : 0 <= proven_level h.
Proof.
rewrite /proven_level mulr_ge0 //; last by case/andP: (level_unit good_h) => /ltW.
by rewrite /level_factor; case: (h_method h) => //; case: ifP => // _; case: ifP => _; rewrite divr_ge0 ?ler0n.
Qed.

(** Each row alone. *)
Theorem each_row i : at_most (chance D J) (fun o => false_accepted o i) (proven_level h).
Proof.
have [n0|n_gt0] := posnP n; last exact: each_row_some.
exists pred0; split; first by rewrite /Pr big_pred0.
by move=> o /certified_some; rewrite [X in (0 < X)%N]n0.
Qed.

(** All rows at once. *)
Theorem any_row : at_most (chance D J) (fun o => exists i, false_accepted o i)
  (e%:R * proven_level h).
Proof.
have [n0|n_gt0] := posnP n; last exact: any_row_some.
exists pred0; split; first by rewrite /Pr big_pred0 // mulr_ge0 ?ler0n.
by move=> o [i /certified_some]; rewrite [X in (0 < X)%N]n0.
Qed.

(** Both scopes' totals. *)
Lemma total_simultaneous : h_scope h = Simultaneous -> e = N.to_nat (h_examples h) ->
  e%:R * proven_level h = level_factor h * fraction (h_num h) (h_den h).
Proof.
move=> sim eE; rewrite /proven_level /row_level sim /= -eE.
have e_neq0 : e%:R != 0 :> rat.
  by rewrite pnatr_eq0 -lt0n eE; case: good_h.
by rewrite mulrCA [e%:R * _]mulrC divfK.
Qed.

Lemma total_each : h_scope h = Each ->
  proven_level h = level_factor h * fraction (h_num h) (h_den h).
Proof. by move=> each; rewrite /proven_level /row_level each. Qed.

(** Eq (9): the certified accuracy at [r] is not above the accuracy on any D' within [r]. *)
Variables (author : outs -> 'I_e -> row) (truth : 'I_e -> 'I_c).

Definition certified (o : outs) (r : nat) : nat :=
  #|[pred i | BinRow.accepts h (vote_counts (votes_of o i)) (author o i)
              && certified_for r (truth i) (author o i)]|.
Definition correct n' (D' : 'I_n' -> X) : nat := #|[pred i | predictsb (A i) D' (truth i)]|.

Lemma overstated o r n' (D' : 'I_n' -> X) : reaches (h_attack h) r D D' ->
  (correct D' < certified o r)%N -> exists i, false_accepted o i.
Proof.
move=> reach; rewrite ltnNge => more; have : ~~ ([pred i | BinRow.accepts h
    (vote_counts (votes_of o i)) (author o i) && certified_for r (truth i) (author o i)]
    \subset [pred i | predictsb (A i) D' (truth i)]).
  by apply: contra more => /subset_leq_card.
case/subsetPn => i; rewrite !inE => /andP [acc cert] /predictsP no; exists i, (author o i); split=> //.
case: (author o i) cert => //= l _ _ rad _ /andP [/eqP lE r_rad].
exists n', D'; split; first exact: reaches_more reach.
by case=> j [ljE pred_j]; apply: no; rewrite (_ : truth i = j) //; apply: val_inj; rewrite /= -lE ljE.
Qed.

Theorem accuracy : at_most (chance D J)
  (fun o => exists r n' (D' : 'I_n' -> X),
     reaches (h_attack h) r D D' /\ (correct D' < certified o r)%N) (e%:R * proven_level h).
Proof.
apply: at_most_sub any_row => o [r [n' [D' [reach lt]]]]; exact: overstated reach lt.
Qed.

End EndToEnd.
