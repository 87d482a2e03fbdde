(** The level of each method on N independent votes, with the canonical bounds: what remains
    of Theorem 3 is the union over the test examples. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes Sign Canonical.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Levels.
Variables (c V d : nat) (b : rat) (p : 'I_c -> rat).
Hypotheses (d_gt0 : (0 < d)%N) (c_gt1 : (1 < c)%N) (b_unit : 0 < b < 1).
Hypotheses (p_ge0 : forall j, 0 <= p j) (p_sum : \sum_j p j = 1).

(** Any rule for the label, and a number that is at least every other label's count. *)
Variables (lab : votes c V -> 'I_c) (next : votes c V -> nat).
Hypothesis next_ge : forall v j, j != lab v -> (count v j <= next v)%N.

Let L := low V d b.
Let U y := 1 - L (V - y).

(** The bounds p_l, p_s that are reported; every label has bounds for the proof's sake. *)
Definition reported_low (v : votes c V) : rat := L (count v (lab v)).
Definition reported_up (v : votes c V) : rat := Num.min (U (next v)) (1 - reported_low v).

Definition reporting (issue : pred (votes c V)) : procedure (votes c V) c :=
  Procedure issue lab (fun v j => L (count v j)) (fun v j => U (count v j)).

Let P := weight (N := V) p.
Let P_ge0 : forall v, 0 <= P v. Proof. exact: weight_ge0. Qed.
Let b_ge0 : 0 <= b. Proof. by case/andP: b_unit => /ltW. Qed.
Let U_mono y z : (y <= z)%N -> U y <= U z.
Proof. by move=> yz; rewrite ler_add2l ler_opp2; apply: low_mono => //; apply: leq_sub2l. Qed.
Let U_ge0 y : 0 <= U y. Proof. by rewrite subr_ge0 low_le1. Qed.

(** What is reported is no sharper than what the proofs bound. *)
Lemma p_upper_reported (issue : pred (votes c V)) v : p_upper (reporting issue) v <= reported_up v.
Proof.
rewrite /p_upper /p_lower /reported_up /reported_low /= le_minr !le_minl lexx orbT andbT.
apply/orP; left; rewrite /runner_up.
apply: (big_ind (fun x => x <= _)) => [|x y le_x le_y|j j_l]; first exact: U_ge0.
  by rewrite le_maxl le_x le_y.
by apply: U_mono; apply: next_ge.
Qed.

(** Eq (2) for what is reported, outside the bad event. *)
Lemma good_reported (issue : pred (votes c V)) v : issue v -> ~~ wrong (reporting issue) p (p_upper (reporting issue)) v ->
  reported_low v <= p (lab v) /\ (forall j, j != lab v -> p j <= reported_up v).
Proof.
rewrite /wrong /= => -> /=; rewrite negbK => /andP [lo /forallP up]; split=> // j j_l.
apply: le_trans (p_upper_reported issue v); exact: (implyP (up j)).
Qed.

Lemma good_rest (issue : pred (votes c V)) v : issue v -> ~~ wrong (reporting issue) p (p_rest (reporting issue)) v ->
  reported_low v <= p (lab v) /\ (forall j, j != lab v -> p j <= 1 - reported_low v).
Proof.
rewrite /wrong /= => -> /=; rewrite negbK => /andP [lo /forallP up]; split=> // j j_l.
exact: (implyP (up j)).
Qed.

Lemma low_level (issue : pred (votes c V)) j : Pr P (lower_fails (reporting issue) p j) <= b.
Proof.
suff level y : (y <= V)%N -> p j < L y -> L y <= 1 /\ upper_tail V y (L y) <= b.
  exact: (@lower_level c V p p_ge0 p_sum L b j b_ge0 level).
by move=> _ lt_y; apply: low_sound => //; apply: le_lt_trans lt_y.
Qed.

Lemma up_level (issue : pred (votes c V)) j : Pr P (upper_fails (reporting issue) p j) <= b.
Proof.
suff level y : (y <= V)%N -> 1 - p j < L y -> L y <= 1 /\ upper_tail V y (L y) <= b.
  exact: (@upper_level c V p p_ge0 p_sum L b j b_ge0 level).
move=> _ lt_y; apply: low_sound => //; apply: le_lt_trans lt_y.
by rewrite subr_ge0 (p_le1 p_ge0 p_sum).
Qed.

(** A most probable label, and a most probable other one. *)
Let zero : 'I_c := Ordinal (ltnW c_gt1).
Let one : 'I_c := Ordinal c_gt1.
Definition top_label : 'I_c := [arg max_(j > zero) p j]%O.
Definition second_label : 'I_c :=
  [arg max_(j > (if top_label == zero then one else zero) | j != top_label) p j]%O.

Lemma top_labelP j : p j <= p top_label.
Proof. by rewrite /top_label; case: arg_maxP => // i _; apply. Qed.

Let other : (if top_label == zero then one else zero) != top_label.
Proof. by move: top_label => u; case: (u =P zero) => [->|/eqP]; rewrite // eq_sym. Qed.

Lemma second_neq : second_label != top_label.
Proof. by rewrite /second_label; case: (@arg_maxP _ _ _ _ (fun j => j != top_label)). Qed.

Lemma second_labelP j : j != top_label -> p j <= p second_label.
Proof.
rewrite /second_label; case: (@arg_maxP _ _ _ _ (fun j => j != top_label)) => // i _.
by apply.
Qed.

Let t := top_label.
Let s := second_label.

(** At two labels the votes for one are those not for the other. *)
Section Two.
Hypothesis c2 : c = 2%N.

Lemma two_labels j : j != t -> j = s.
Proof.
move=> j_t; apply/eqP; apply: contraTT (leqnn c) => j_s; rewrite -ltnNge [X in (X < _)%N]c2.
rewrite -[X in (_ < X)%N](card_ord c); apply: leq_trans (max_card (mem [:: t; s; j])).
suff /card_uniqP -> : uniq [:: t; s; j] by [].
by rewrite /= !inE negb_or !(eq_sym t) second_neq j_t (eq_sym s) j_s.
Qed.

Lemma two_sum : p t + p s = 1.
Proof.
rewrite -p_sum (bigD1 t) //= (bigD1 s) ?second_neq //= big1 ?addr0 // => j /andP [/two_labels ->].
by rewrite eqxx.
Qed.

Lemma two_counts (v : votes c V) : (count v t + count v s)%N = V.
Proof.
rewrite /count -[RHS](card_ord V) -(cardsC (voters v t)); congr (_ + _)%N.
apply: eq_card => i; rewrite !inE; have [->|/two_labels ->] := eqVneq (v i) t; last by rewrite eqxx.
by rewrite eq_sym (negPf second_neq).
Qed.

Lemma joint_s (issue : pred (votes c V)) v : upper_fails (reporting issue) p s v -> lower_fails (reporting issue) p t v.
Proof.
rewrite /upper_fails /lower_fails /= /U -[X in L (X - _)%N](two_counts v) addnK.
by rewrite ltr_subl_addr addrC -ltr_subl_addr -two_sum addrK.
Qed.

Lemma joint_t (issue : pred (votes c V)) v : upper_fails (reporting issue) p t v -> lower_fails (reporting issue) p s v.
Proof.
rewrite /upper_fails /lower_fails /= /U -[X in L (X - _)%N](two_counts v) addKn.
by rewrite ltr_subl_addr addrC -ltr_subl_addr -two_sum [_ + p s]addrC addrK.
Qed.

End Two.

(** ** selected *)
Section Selected.
Variables (b' : rat) (issue : pred (votes c V)).
Hypothesis b'_ge0 : 0 <= b'.
Hypothesis rule : forall v, issue v -> rare_at b' (count v (lab v) + next v) (count v (lab v)).

Let beats (v : votes c V) (i j : 'I_c) : bool := rare_at b' (count v i + count v j) (count v i).
Let wins v : issue v -> forall j, j != lab v -> beats v (lab v) j.
Proof. by move=> /rule rare j j_l; apply: rare_next rare; apply: next_ge. Qed.
Let sign j : j != t -> Pr P (fun v => beats v j t) <= b'.
Proof. by move=> j_t; exact: (@sign_level c V p j t p_ge0 p_sum j_t (top_labelP j) b' b'_ge0). Qed.

Lemma selected_votes :
  Pr P (wrong (reporting issue) p (p_upper (reporting issue))) <= 2 * b + (c.-1)%:R * b'.
Proof.
exact: (@selected _ P c (reporting issue) P_ge0 p t s p_ge0 p_sum second_neq second_labelP
  beats b b' wins (low_level issue t) (up_level issue s) sign).
Qed.

Lemma selected_votes_two : c = 2%N ->
  Pr P (wrong (reporting issue) p (p_upper (reporting issue))) <= b + b'.
Proof.
move=> c2; have := @selected_joint _ P c (reporting issue) P_ge0 p t s p_ge0 p_sum second_neq
  second_labelP beats b b' wins (joint_s c2 (issue := issue)) (low_level issue t) sign.
by rewrite [in (c.-1)%:R]c2 mul1r.
Qed.

End Selected.

(** ** cohen *)
Section Cohen.
Variable issue : pred (votes c V).
Hypothesis b_half : b < 1 / 2.
Hypothesis rule : forall v, issue v -> 1 - reported_low v < reported_low v.

Lemma majority_rare x : upper_tail V x (1 / 2) <= b -> (V < 2 * x)%N.
Proof.
move=> rare; rewrite ltnNge; apply/negP => le_x.
have xV : (x <= V)%N by apply: leq_trans le_x; rewrite leq_pmull.
have half2 : 1 - 1 / 2 = 1 / 2 :> rat by apply/eqP.
have split_at : upper_tail V x (1 / 2) + upper_tail V (V - x).+1 (1 / 2) = 1.
  have all : upper_tail V 0 (1 / 2) = 1.
    pose coin (_ : 'I_2) : rat := 1 / 2.
    have sum1 : \sum_j coin j = 1 by rewrite big_ord_recl big_ord1; apply/eqP.
    rewrite -[1 / 2]/(coin ord0) -(count_binomial V sum1) /Pr (eq_bigl xpredT) ?weight_sum //.
  have := @lower_tail_mirror V (V - x) (1 / 2) (leq_subr x V); rewrite subKn // half2 => <-.
  rewrite -[RHS]all /upper_tail [RHS](bigID (fun i : 'I_V.+1 => (i <= V - x)%N)) /=.
  by congr (_ + _); apply: eq_bigl => i; rewrite // -ltnNge.
have anti : upper_tail V (V - x).+1 (1 / 2) <= upper_tail V x (1 / 2).
  by apply: upper_tail_anti; [|rewrite ltnW // ltnS leq_subRL // addnn -mul2n].
have := ler_add rare (le_trans anti rare); rewrite split_at leNgt; case/negP.
by rewrite [ltRHS](_ : 1 = 1 / 2 + 1 / 2); [apply: ltr_add | apply/eqP].
Qed.

Lemma cohen_level_all :
  Pr P (wrong (reporting issue) p (p_rest (reporting issue))) <= 2 * b.
Proof.
have half_low v : issue v -> 1 / 2 < L (count v (lab v)).
  move=> /rule; rewrite /reported_low -/L; set l := L _.
  rewrite ltr_subl_addr => lt; rewrite -(ltr_pmul2r (x := 2)) // divfK //.
  by rewrite [X in _ < X](_ : _ = l + l) //; rat_ring.
have [/existsP [v0 iss0]|/existsPn none] := boolP [exists v, issue v]; last first.
  rewrite /Pr big_pred0 ?mulr_ge0 // => v.
  by rewrite /wrong /= (negPf (none v)).
have ex_x : exists x, 1 / 2 < L x by exists (count v0 (lab v0)); apply: half_low.
case: (ex_minnP ex_x) => x lt_x min_x.
have rare : upper_tail V x (1 / 2) <= b.
  have half_pos : 0 < L x by apply: lt_trans lt_x.
  have [le1 tail] := low_sound d_gt0 half_pos; apply: le_trans tail.
  by apply: upper_tail_mono => //; apply: ltW.
apply: (@cohen_votes c V p p_ge0 p_sum (reporting issue) L x t b top_labelP) => //.
- move=> y _; have [le0|gt0] := lerP (L y) 0; [by left | right; exact: low_sound].
- by move=> v /half_low /min_x.
- exact: majority_rare.
Qed.

End Cohen.

(** ** simuem *)
Section Simuem.
Variable issue : pred (votes c V).
Hypothesis rule : forall v, issue v -> reported_up v < reported_low v.

Let apart v : issue v -> p_upper (reporting issue) v < p_lower (reporting issue) v.
Proof. by move=> /rule; apply: le_lt_trans; apply: p_upper_reported. Qed.

Lemma simuem_votes_two : c = 2%N ->
  Pr P (wrong (reporting issue) p (p_upper (reporting issue))) <= 2 * b.
Proof.
move=> c2; exact: (@simuem_joint _ P c (reporting issue) P_ge0 p t s p_ge0 p_sum top_labelP
  second_neq second_labelP b apart (two_labels c2) (joint_s c2 (issue := issue))
  (joint_t c2 (issue := issue)) (low_level issue t) (low_level issue s)).
Qed.

End Simuem.
End Levels.
