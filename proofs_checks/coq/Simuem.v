(** The method [simuem]: eq (6), with a level below the sum over all labels. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes Canonical Levels.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** Two labels share the votes. *)
Lemma count_two c V (v : votes c V) (i j : 'I_c) : i != j -> (count v i + count v j <= V)%N.
Proof.
move=> i_j; rewrite /count -cardsUI (_ : voters v i :&: voters v j = set0) ?cards0 ?addn0.
  by rewrite -[X in (_ <= X)%N](card_ord V) max_card.
apply/setP => x; rewrite !inE; apply/negbTE/negP => /andP [/eqP -> /eqP ij].
by rewrite ij eqxx in i_j.
Qed.

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
    by apply: low_mono => //; rewrite leq_subRL ?count_le // count_two.
  apply: (@le_trans _ _ (1 / 2)); last exact: le_trans half le_t.
  by rewrite -half2 ler_subr_addl -ler_subr_addr; apply: le_trans half le_t.
- exact: (@Pr_union2 _ P P_ge0 two _ _ b b (fun _ => id) low_t_level (up_level_of s)).
- exact: up_level_of.
Qed.

End Simuem.
