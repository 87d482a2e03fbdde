(** Powers of natural numbers: ratio, shift, convexity. Exponent 0 is allowed throughout. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** [b -> (b + t) / b] falls: adding the same [t] matters less to the larger base. *)
Lemma pow_ratio k (a b t : nat) : (b <= a)%N ->
  ((a + t) ^ k * b ^ k <= (b + t) ^ k * a ^ k)%N.
Proof.
move=> le_ba; rewrite -!expnMn; apply: leq_pow.
by rewrite !mulnDl leq_add ?leq_mul2l ?le_ba ?orbT // mulnC.
Qed.

(** The step from [n' = n] to [n' = n + t], with [a = n] and [b = n - r]. *)
Lemma pow_shift k (a b t : nat) : (b <= a)%N -> (a ^ k <= 2 * b ^ k)%N ->
  ((a + t) ^ k + 2 * b ^ k <= a ^ k + 2 * (b + t) ^ k)%N.
Proof.
move=> le_ba; have [a0|a_gt0] := posnP (a ^ k).
  move/eqP: (a0); rewrite expn_eq0 => /andP [/eqP a_eq0 k_gt0] _.
  have b_eq0 : b = 0%N by apply/eqP; rewrite -leqn0 -a_eq0.
  by rewrite a_eq0 b_eq0 exp0n // !add0n muln0 addn0 leq_pmull.
have := pow_ratio k t le_ba; have := leq_pow k (leq_addr t a).
move: ((a + t) ^ k)%N ((b + t) ^ k)%N (a ^ k)%N (b ^ k)%N a_gt0 => a' b' {le_ba}a {}b.
move=> a_gt0 le_aa' ratio le_a2b; rewrite -(leq_pmul2l a_gt0).
move: a_gt0 le_aa' ratio le_a2b; nat_nia.
Qed.

(** Powers are convex. Truncated subtraction only helps. *)
Lemma pow_convex k (n r : nat) : (2 * n ^ k <= (n + r) ^ k + (n - r) ^ k)%N.
Proof.
have [le_rn|/ltnW le_nr] := leqP r n; last first.
  case: k => [|k] //; rewrite (eqP (_ : n - r == 0)%N) ?subn_eq0 // exp0n // addn0.
  apply: (@leq_trans ((2 * n) ^ k.+1)); last by rewrite leq_pow // mul2n -addnn leq_add2l.
  by rewrite expnMn leq_mul // expnS leq_pmulr // expn_gt0.
elim: k => // k; rewrite !expnS.
have := leq_pow k (leq_trans (leq_subr r n) (leq_addr r n)).
have : (n - r + r = n)%N by rewrite subnK.
move: (n - r)%N ((n + r) ^ k)%N ((n - r) ^ k)%N (n ^ k)%N => m p q s eq_n le_qp IH.
move: eq_n le_qp IH; nat_nia.
Qed.
