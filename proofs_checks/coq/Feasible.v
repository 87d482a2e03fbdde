(** Where (4) fails, it fails at a size for which the paper's construction exists.

    Theorem 2 builds its learner at an [n'] that violates (4), and needs there that
    the lists leaving the shared part are no more than those that answer [l]:
    [n^k - m^k <= p_l n^k]. The paper takes this for granted, and at its own [n'] it
    can fail. At some violating [n'] it never does. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting RatRing.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** The convexity of [x^k] that replaces the paper's roots. *)
Lemma pow_convex k n r : (r <= n)%N -> (2 * n ^ k <= (n + r) ^ k + (n - r) ^ k)%N.
Proof.
move=> le_rn; rewrite -{1 2}(subnK le_rn); move: (n - r)%N => b {n le_rn}.
elim: k => [//|k IH]; rewrite !expnS mulnCA.
apply: (@leq_trans ((b + r) * ((b + r + r) ^ k + b ^ k))); first by rewrite leq_mul2l IH orbT.
have le_bk : (b ^ k <= (b + r + r) ^ k)%N.
  by case: k {IH} => [//|k]; rewrite leq_exp2r // -addnA leq_addr.
move: (b ^ k)%N ((b + r + r) ^ k)%N le_bk => B A le_BA.
rewrite mulnDr [((b + r + r) * A)%N]mulnDl -addnA leq_add2l mulnDl addnC leq_add2r.
by rewrite leq_mul2l le_BA orbT.
Qed.

(** Some size in range violates (4), as the range is finite. *)
Lemma not_holds k n r G : ~ holds k n r G ->
  exists n', [/\ (0 < n')%N, (n <= n' + r)%N, (n' <= n + r)%N & 0 <= margin k n n' r G].
Proof.
move=> fails; pose bad (i : 'I_(n + r).+1) :=
  [&& (0 < i)%N, (n <= i + r)%N & 0 <= margin k n i r G].
have [i /and3P [i_gt0 lo mg]|no_bad] := pickP bad.
  by exists i; split=> //; rewrite -ltnS.
case: fails => n' n'_gt0 lo hi; rewrite -ltnS in hi.
by have := no_bad (Ordinal hi); rewrite /bad /= n'_gt0 lo /= ltNge => ->.
Qed.

(** **The lemma that completes Theorem 2.** *)
Lemma feasible k n r (pl ps : rat) :
  (0 < n)%N -> 0 <= pl -> pl <= 1 -> 0 <= ps ->
  ~ holds k n r ((pl - ps) * (n ^ k)%:R) ->
  exists n', [/\ (0 < n')%N, (n <= n' + r)%N, (n' <= n + r)%N,
    0 <= margin k n n' r ((pl - ps) * (n ^ k)%:R)
    & (n ^ k)%:R - (kept n n' r ^ k)%:R <= pl * (n ^ k)%:R].
Proof.
move=> n_gt0 pl_ge0 pl_le1 ps_ge0 fails; set N : rat := (n ^ k)%:R.
have N_ge0 : 0 <= N by rewrite ler0n.
have [big|small] := leP ((1 + (pl - ps)) * N) ((n + r) ^ k)%:R.
  have kept_n : kept n (n + r) r = n by rewrite /kept (maxn_idPr (leq_addr r n)) addnK.
  exists (n + r)%N; split=> //.
  - by rewrite addn_gt0 n_gt0.
  - by rewrite -addnA leq_addr.
  - rewrite /margin kept_n -/N; apply: (le_by1 big).
    by move: ((n + r) ^ k)%:R => M; rat_ring.
  by rewrite kept_n -/N subrr mulr_ge0.
have [n' [n'_gt0 lo hi mg]] := not_holds fails; exists n'; split=> //.
set m := kept n n' r.
have le_m : (n - r <= m)%N by rewrite leq_sub2r // leq_maxl.
have le_mk : ((n - r) ^ k <= m ^ k)%N by case: (k) => // i; rewrite leq_exp2r.
have [le_rn|lt_nr] := leqP r n; last first.
  case: k @N N_ge0 small {fails mg le_mk} => [|k] N N_ge0 small.
    by rewrite /N !expn0 subrr mulr1.
  move: small; rewrite ltNge => /negP []; apply: (@le_trans _ _ (2 * N)).
    apply: ler_wpmul2r => //; rewrite -pmulrn mulr2n ler_add2l.
    by apply: le_trans pl_le1; rewrite ler_subl_addr ler_addl.
  rewrite /N -pmulrn -natrM ler_nat; apply: (@leq_trans ((n + n) ^ k.+1)).
    by rewrite addnn -mul2n expnMn leq_mul2r (expnS 2) leq_pmulr ?expn_gt0 ?orbT.
  by rewrite leq_exp2r // leq_add2l ltnW.
have conv : 2 * N <= ((n + r) ^ k)%:R + (m ^ k)%:R.
  rewrite /N -pmulrn -natrM -natrD ler_nat; apply: leq_trans (pow_convex k le_rn) _.
  by rewrite leq_add2l.
have ps_N : 0 <= ps * N by rewrite mulr_ge0.
apply: (le_by3 (ltW small) conv ps_N).
by move: ((n + r) ^ k)%:R (m ^ k)%:R => M M'; rat_ring.
Qed.
