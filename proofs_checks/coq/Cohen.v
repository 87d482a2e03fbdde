(** The method [cohen]: one lower bound at half the level, the rest of the mass above. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** [Pr (Bin (N, q) >= x)]. *)
Definition upper_tail (N x : nat) (q : rat) : rat :=
  \sum_(i < N.+1 | (x <= i)%N) ('C(N, i))%:R * q ^+ i * (1 - q) ^+ (N - i).

Lemma upper_tail_ge0 N x q : 0 <= q -> q <= 1 -> 0 <= upper_tail N x q.
Proof.
move=> q_ge0 q_le1; apply: sumr_ge0 => i _.
by rewrite !mulr_ge0 ?ler0n ?exprn_ge0 // subr_ge0.
Qed.

(** One half is a variable here: with a numeral, [done] would try to compute. *)
Section Half.
Variables (h : rat) (h_ge0 : 0 <= h) (two_h : h + h = 1).

Let one_sub_h : 1 - h = h.
Proof. by rewrite -two_h addrK. Qed.

Let h_le1 : h <= 1.
Proof. by rewrite -two_h ler_addl. Qed.

Lemma half_square (q : rat) : q * (1 - q) <= h ^+ 2.
Proof.
have sq : 0 <= (h - q) ^+ 2 by rewrite exprn_even_ge0.
by apply: (le_by sq); rewrite -two_h; rat_ring.
Qed.

(** Below one half a majority of votes is at most linear in the probability: each term
    is [q q^e (q (1 - q))^d], where both powers are largest at one half. *)
Lemma tail_term (q : rat) (e d : nat) : 0 <= q -> q <= h ->
  q ^+ (d + e).+1 * (1 - q) ^+ d <= 2 * q * (h ^+ (d + e).+1 * (1 - h) ^+ d).
Proof.
move=> q_ge0 q_le; rewrite one_sub_h.
have -> : q ^+ (d + e).+1 * (1 - q) ^+ d = q * (q ^+ e * (q * (1 - q)) ^+ d).
  by rewrite exprS exprD exprMn; move: (q ^+ d) (q ^+ e) ((1 - q) ^+ d) => u v w; rat_ring.
have -> : 2 * q * (h ^+ (d + e).+1 * h ^+ d) = (h + h) * (q * (h ^+ e * (h ^+ 2) ^+ d)).
  rewrite -exprM mul2n -addnn exprS !exprD.
  by move: (h ^+ d) (h ^+ e) => u v; rat_ring.
have q1_ge0 : 0 <= q * (1 - q).
  by apply: mulr_ge0 => //; rewrite subr_ge0; apply: le_trans q_le h_le1.
rewrite two_h mul1r; apply: ler_wpmul2l => //; apply: ler_pmul; rewrite ?exprn_ge0 //.
  by rewrite ler_expn2r // nnegrE.
by rewrite ler_expn2r ?nnegrE ?exprn_ge0 // half_square.
Qed.

Lemma half_tail_linear (N x : nat) (q : rat) : (N < 2 * x)%N -> 0 <= q -> q <= h ->
  upper_tail N x q <= 2 * q * upper_tail N x h.
Proof.
move=> le_x q_ge0 q_le; rewrite /upper_tail mulr_sumr; apply: ler_sum => i le_xi.
have le_iN : (i <= N)%N by rewrite -ltnS.
have eq_i : (i = (N - i + (i - (N - i).+1)).+1 :> nat) by nat_lia.
have := tail_term (i - (N - i).+1) (N - i) q_ge0 q_le; rewrite -eq_i.
have C_ge0 : 0 <= ('C(N, i))%:R :> rat by rewrite ler0n.
move=> /(ler_wpmul2l C_ge0); rewrite [leLHS]mulrA => /le_trans; apply.
move: ('C(N, i)%:R) (h ^+ i) ((1 - h) ^+ (N - i)) => u v w.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; rat_ring.
Qed.

End Half.

Lemma upper_tail_linear (N x : nat) (q : rat) : (N < 2 * x)%N -> 0 <= q -> q <= 1 / 2 ->
  upper_tail N x q <= 2 * q * upper_tail N x (1 / 2).
Proof. exact: half_tail_linear. Qed.

Section Cohen.
Variables (T : finType) (P : T -> rat) (c N x : nat) (C : procedure T c).
Variables (p : 'I_c -> rat) (t : 'I_c) (count : T -> 'I_c -> nat) (b : rat).
Hypothesis P_ge0 : forall w, 0 <= P w.
Hypothesis p_ge0 : forall j, 0 <= p j.
Hypothesis p_sum : \sum_j p j = 1.
Hypothesis top : forall j, p j <= p t.

(** Issuing takes a majority of [x] votes, rare for a label of probability one half. *)
Hypothesis rule : forall w, issued C w -> (x <= count w (label C w))%N.
Hypothesis majority : (N < 2 * x)%N.
Hypothesis binomial : forall j, Pr P (fun w => x <= count w j)%N = upper_tail N x (p j).
Hypothesis rare : upper_tail N x (1 / 2) <= b.
Hypothesis low : Pr P (lower_fails C p t) <= b.

Let tail_small j : p j <= 1 / 2 -> Pr P (fun w => x <= count w j)%N <= 2 * p j * b.
Proof.
move=> le_p; rewrite binomial; apply: le_trans (upper_tail_linear majority _ le_p) _ => //.
by rewrite ler_wpmul2l // mulr_ge0.
Qed.

Theorem cohen : Pr P (wrong C p (p_rest C)) <= 2 * b.
Proof.
have b_ge0 : 0 <= b by apply: le_trans rare; apply: upper_tail_ge0.
have [le_half|gt_half] := lerP (p t) (1 / 2).
  have sub w : wrong C p (p_rest C) w -> [exists j, true && (x <= count w j)%N].
    by case/andP=> /rule le_x _; apply/existsP; exists (label C w).
  apply: le_trans (Pr_le P_ge0 sub) _; apply: le_trans (Pr_exists P_ge0 _ _) _.
  have -> : 2 * b = \sum_j 2 * b * p j by rewrite -mulr_sumr p_sum mulr1.
  apply: ler_sum => j _.
  by rewrite mulrAC; apply: tail_small; apply: le_trans (top j) le_half.
pose wins := [pred w | [exists j, (j != t) && (x <= count w j)%N]].
have other j : j != t -> p j <= 1 / 2.
  move=> j_t; apply: le_trans (p_other p_ge0 p_sum j_t) _.
  by rewrite ler_subl_addl -ler_subl_addr; apply: ltW.
have le_wins : Pr P wins <= b.
  apply: le_trans (Pr_exists P_ge0 _ _) _.
  apply: (@le_trans _ _ (\sum_(j | j != t) 2 * p j * b)).
    by apply: ler_sum => j j_t; apply: tail_small; apply: other.
  rewrite -mulr_suml -mulr_sumr -[leRHS]mul1r ler_wpmul2r //.
  have -> : \sum_(j | j != t) p j = 1 - p t by rewrite -p_sum [in RHS](bigD1 t) //= addrC addKr.
  by rewrite mulrC -ler_pdivl_mulr // ler_subl_addl -ler_subl_addr; apply: ltW.
rewrite (_ : 2 * b = b + b); last by rat_ring.
apply: (Pr_union2 P_ge0 _ low le_wins) => w /andP [/rule le_x not_both].
have [lab|lab] := eqVneq (label C w) t; last first.
  by apply/orP; right; apply/existsP; exists (label C w); rewrite lab.
move: not_both; rewrite /lower_fails /p_rest /p_lower lab ltNge.
case: (lerP _ (p t)) => //= le_t; case/negP; apply/forallP => j; apply/implyP => j_t.
by apply: le_trans (p_other p_ge0 p_sum j_t) _; rewrite ler_add2l ler_oppl opprK.
Qed.

End Cohen.
