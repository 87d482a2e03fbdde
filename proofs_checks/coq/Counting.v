(** Counting lists: there are [n^k] of them, and the mass of a label changes
    little when the data set changes little. This is the whole of "why residuals
    are not needed": no Neyman-Pearson lemma and no divisibility. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma card_lists k n : #|{: lists k n}| = (n ^ k)%N.
Proof. by rewrite /lists card_ffun !card_ord. Qed.

Section Transfer.
Variables (X : Type) (k c : nat).
Implicit Types (A : learner X k c) (l : 'I_c).

Lemma learner_ge0 A w l : is_learner A -> 0 <= A w l.
Proof. by case=> ge0 _; apply: ge0. Qed.

Lemma learner_le1 A w l : is_learner A -> A w l <= 1.
Proof.
by case=> ge0 sum1; rewrite -(sum1 w) (bigD1 l) //= ler_addl sumr_ge0.
Qed.

(** Data sets that agree at each index give the same masses. *)
Lemma eq_mass A n (D E : 'I_n -> X) l : D =1 E -> mass A D l = mass A E l.
Proof.
move=> eqDE; apply: eq_bigr => w _; congr (A _ l).
by apply: eq_from_tnth => i; rewrite !tnth_mktuple.
Qed.

(** A label's mass is between 0 and the number of lists. *)
Lemma mass_ge0 A n (D : 'I_n -> X) l : is_learner A -> 0 <= mass A D l.
Proof. by move=> lA; apply: sumr_ge0 => w _; apply: learner_ge0. Qed.

(** [A] times [n^k] for probabilities: also where [n^k] is 0, there being no list. *)
Lemma massE A n (D : 'I_n -> X) l : mass A D l = prob A D l * (n ^ k)%:R.
Proof.
rewrite /prob; have [nk0|nk_neq0] := eqVneq (n ^ k)%N 0%N; last first.
  by rewrite divfK // pnatr_eq0.
rewrite nk0 mulr0 /mass big_pred0 // => w.
by case: (fintype0 w); rewrite card_lists.
Qed.

(** The masses of all labels add up to the number of lists. *)
Lemma sum_mass A n (D : 'I_n -> X) : is_learner A -> \sum_l mass A D l = (n ^ k)%:R.
Proof.
case=> _ sum1; rewrite exchange_big /= (eq_bigr (fun=> 1)) => [|w _]; last exact: sum1.
by rewrite sumr_const card_lists.
Qed.

Section SubData.
Variables (m n : nat) (f : 'I_m -> 'I_n) (D : 'I_n -> X).
Hypothesis f_inj : injective f.

Let lift (v : lists k m) : lists k n := [ffun i => f (v i)].

Let lift_inj : injective lift.
Proof.
by move=> v w /ffunP eq_vw; apply/ffunP => i; apply: f_inj; have := eq_vw i; rewrite !ffunE.
Qed.

Let others := [set w | w \notin lift @: setT].

Let card_others : #|others| = (n ^ k - m ^ k)%N.
Proof.
have -> : others = ~: (lift @: setT) by apply/setP => w; rewrite !inE.
by rewrite cardsCs setCK card_imset // cardsT !card_lists.
Qed.

Lemma leq_lists : (m ^ k <= n ^ k)%N.
Proof. by rewrite -!card_lists -!cardsT -(card_imset _ lift_inj) subset_leq_card. Qed.

(** The lists over [D] are those over its part [D \o f], and [n^k - m^k] others. *)
Let mass_split A l :
  mass A D l = mass A (D \o f) l + \sum_(w in others) A (drawn D w) l.
Proof.
rewrite {1}/mass (bigID (mem (lift @: setT))) /=; congr (_ + _).
  rewrite big_imset /=; last by move=> v w _ _; apply: lift_inj.
  rewrite (eq_bigl xpredT) => [|v]; last by rewrite inE.
  apply: eq_bigr => v _; congr (A _ l).
  by apply: eq_from_tnth => i; rewrite !tnth_mktuple ffunE.
by apply: eq_bigl => w; rewrite inE.
Qed.

(** A part of the data set keeps a label's mass, less at most the lists that leave it. *)
Lemma mass_sub A l : is_learner A ->
  mass A (D \o f) l <= mass A D l <= mass A (D \o f) l + ((n ^ k)%:R - (m ^ k)%:R).
Proof.
move=> lA; rewrite mass_split ler_addl ler_add2l -natrB ?leq_lists // -card_others.
rewrite sumr_ge0 => [|w _]; last exact: learner_ge0.
by rewrite -sum1_card natr_sum ler_sum // => w _; apply: learner_le1.
Qed.

End SubData.

(** The two transfer bounds between data sets that share [m] examples. *)
Section Shared.
Variables (A : learner X k c) (n n' m : nat) (D : 'I_n -> X) (D' : 'I_n' -> X) (l : 'I_c).
Hypotheses (lA : is_learner A) (sDD' : share D D' m).

Lemma transfer_lower : mass A D l - ((n ^ k)%:R - (m ^ k)%:R) <= mass A D' l.
Proof.
case: sDD' => f [g] [f_inj g_inj eq_fg]; have eq_m := eq_mass A l eq_fg.
have /andP [_ up] := mass_sub D f_inj l lA; have /andP [lo _] := mass_sub D' g_inj l lA.
by rewrite ler_subl_addr; apply: (le_trans up); rewrite ler_add2r eq_m.
Qed.

Lemma transfer_upper : mass A D' l <= mass A D l + ((n' ^ k)%:R - (m ^ k)%:R).
Proof.
case: sDD' => f [g] [f_inj g_inj eq_fg]; have eq_m := eq_mass A l eq_fg.
have /andP [lo _] := mass_sub D f_inj l lA; have /andP [_ up] := mass_sub D' g_inj l lA.
by apply: (le_trans up); rewrite ler_add2r -eq_m.
Qed.

Lemma share_leql : (m <= n)%N.
Proof. by case: sDD' => f [g] [f_inj _ _]; have := leq_card f f_inj; rewrite !card_ord. Qed.

Lemma share_leqr : (m <= n')%N.
Proof. by case: sDD' => f [g] [_ g_inj _]; have := leq_card g g_inj; rewrite !card_ord. Qed.

End Shared.
End Transfer.
