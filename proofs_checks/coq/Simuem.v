(** The method [simuem]: eq (6), with a level below the sum over all labels. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes Canonical Levels Sign Carried Apart.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Simuem.
Variables (c V d : nat) (b : rat) (p : 'I_c -> rat).
Hypotheses (d_gt0 : (0 < d)%N) (c_gt1 : (1 < c)%N) (b_unit : 0 < b < 1).
Hypotheses (p_ge0 : forall j, 0 <= p j) (p_sum : \sum_j p j = 1).
Variables (lab : votes c V -> 'I_c) (next : votes c V -> nat).
Hypothesis next_ge : forall v j, j != lab v -> (count v j <= next v)%N.
Variable issue : pred (votes c V).
Hypothesis rule : forall v, issue v -> reported_up d b lab next v < reported_low d b lab v.

Let L := low V d b.
Let U y := 1 - L (V - y).
Let C := reporting d b lab issue.
Let P := weight (N := V) p.
Let t := top_label p c_gt1.
Let s := second_label p c_gt1.
Let P_ge0 : forall v, 0 <= P v. Proof. exact: weight_ge0. Qed.
Let U_ge0 y : 0 <= U y. Proof. by rewrite subr_ge0 low_le1. Qed.

Let U_mono y z : (y <= z)%N -> U y <= U z.
Proof. by move=> yz; rewrite ler_add2l ler_opp2; apply: low_mono => //; apply: leq_sub2l. Qed.

(** Issued: the label's lower bound is above every other label's upper bound. *)
Lemma issued_apart v j : issue v -> j != lab v -> U (count v j) < L (count v (lab v)).
Proof.
move=> /rule + j_l; rewrite /reported_up /reported_low lt_minl => /orP [lt|lt].
  by apply: le_lt_trans lt; apply: U_mono; apply: next_ge.
apply: le_lt_trans lt; rewrite ler_add2l ler_opp2; apply: low_mono => //.
by rewrite leq_subRL ?count_le // addnC count_two // eq_sym.
Qed.

Let bad := wrong C p (p_upper C).

(** A wrong certificate for the top label needs one of two bounds to fail. *)
Lemma bad_top v : bad v -> lab v = t -> (p t < L (count v t)) || (U (count v s) < p s).
Proof.
have := @wrong_top _ c C p t s p_ge0 p_sum (second_neq p c_gt1)
  (fun j => @second_labelP c p c_gt1 j) v.
by apply.
Qed.

Let low_t_level : Pr P (fun v => p t < L (count v t)) <= b.
Proof. exact: (low_level d_gt0 b_unit p_ge0 p_sum lab issue t). Qed.

Let up_level_of j : Pr P (fun v => U (count v j) < p j) <= b.
Proof. exact: (up_level d_gt0 b_unit p_ge0 p_sum lab issue j). Qed.

(** **Theorem A**: three events are enough where the true top label has half of the mass. *)
Theorem simuem_half : 1 / 2 <= p t -> Pr P bad <= 3 * b.
Proof.
move=> half; have half2 : 1 - 1 / 2 = 1 / 2 :> rat by apply/eqP.
pose two (v : votes c V) := (p t < L (count v t)) || (U (count v s) < p s).
rewrite (_ : 3 * b = b + b + b); last by rat_ring.
refine (@Pr_union2 _ P P_ge0 bad two (fun v => U (count v t) < p t) (b + b) b _ _ _).
- move=> v wr; have [lab_t|lab_t] := eqVneq (lab v) t; first by rewrite /two (bad_top wr lab_t).
  have iss : issue v by case/andP: wr.
  have t_l : t != lab v by rewrite eq_sym.
  apply/orP; right; rewrite ltNge; apply/negP => le_t.
  have := issued_apart iss t_l; rewrite ltNge; case/negP.
  apply: (@le_trans _ _ (L (V - count v t))).
    have le_l : (count v (lab v) <= V - count v t)%N.
      rewrite leq_subRL; last exact: count_le.
      exact: count_two t_l.
    exact: (low_mono V b d_gt0 le_l).
  apply: (@le_trans _ _ (1 / 2)); last exact: le_trans half le_t.
  by rewrite -half2 ler_subr_addl -ler_subr_addr; apply: le_trans half le_t.
- exact: (@Pr_union2 _ P P_ge0 two _ _ b b (fun _ => id) low_t_level (up_level_of s)).
- exact: up_level_of.
Qed.

(** Whatever the probabilities: a label that is issued has passed a sign test at [b] against
    every other one, so the level is that of [selected] with [b] for its tests. *)
Theorem simuem_tests : 2 * b < 1 -> Pr P bad <= (c + 1)%:R * b.
Proof.
move=> half; have b_ge0 : 0 <= b by case/andP: b_unit => /ltW.
pose beats (v : votes c V) (i j : 'I_c) := rare_at b (count v i + count v j) (count v i).
have wins v : issue v -> forall j, j != lab v -> beats v (lab v) j.
  move=> iss j j_l; apply: (apart_rare d_gt0 half _ (issued_apart iss j_l)).
  by rewrite count_two // eq_sym.
have tests j : j != t -> Pr P (fun v => beats v j t) <= b.
  by move=> j_t; apply: sign_level => //; apply: top_labelP.
have -> : (c + 1)%N = (2 + c.-1)%N by rewrite add2n addn1 (ltn_predK c_gt1).
rewrite natrD mulrDl.
exact: (@selected _ P c C P_ge0 p t s p_ge0 p_sum (second_neq p c_gt1)
  (fun j => @second_labelP c p c_gt1 j) beats b b wins low_t_level (up_level_of s) tests).
Qed.

End Simuem.
