(** Where (4) fails, it fails at a size for which the paper's construction exists.

    Theorem 2 builds its learner at an [n'] that violates (4), and needs there that
    the lists leaving the shared part are no more than those that answer [l]:
    [n^k - m^k <= p_l n^k]. The paper takes this for granted, and at its own [n'] it
    can fail. At some violating [n'] it never does. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Powers Rounding Radius Linear.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** Where (4) fails, it fails at some size in range. *)
Lemma not_holds k n r G : ~ holds k n r G ->
  exists n', [/\ (0 < n')%N, (n <= n' + r)%N, (n' <= n + r)%N & 0 <= margin k n n' r G].
Proof.
move=> /holdsP /forallPn [i]; rewrite !negb_imply -leNgt => /and3P [i_gt0 lo mg].
by exists i; split=> //; rewrite -ltnS.
Qed.

(** **The lemma that completes Theorem 2.** *)
Lemma feasible k n r (pl ps : rat) :
  0 <= pl -> 0 <= ps -> ~ holds k n r (gap k n pl ps) ->
  exists n', [/\ (0 < n')%N, (n <= n' + r)%N, (n' <= n + r)%N,
    0 <= margin k n n' r (gap k n pl ps)
    & (n ^ k)%:R - (kept n n' r ^ k)%:R <= pl * (n ^ k)%:R].
Proof.
move=> pl_ge0 ps_ge0 fails; set N : rat := (n ^ k)%:R.
have [n' [n'_gt0 le1 le2 viol]] := not_holds fails; have N_ge0 : 0 <= N by rewrite ler0n.
have [big|small] := leP ((1 + (pl - ps)) * N) ((n + r) ^ k)%:R.
  have kept_n : kept n (n + r) r = n by rewrite /kept (maxn_idPr (leq_addr r n)) addnK.
  exists (n + r)%N; split=> //.
  - exact: leq_trans le2.
  - by rewrite -addnA leq_addr.
  - rewrite /margin /gap kept_n -/N; apply: (le_by1 big).
    by move: ((n + r) ^ k)%:R => M; rat_ring.
  by rewrite kept_n -/N subrr mulr_ge0.
exists n'; split=> //.
have le_m : ((n - r) ^ k <= kept n n' r ^ k)%N.
  by apply: leq_pow; rewrite leq_sub2r // leq_maxl.
have conv : 2 * N <= ((n + r) ^ k)%:R + (kept n n' r ^ k)%:R.
  rewrite /N -pmulrn -natrM -natrD ler_nat; apply: leq_trans (pow_convex k n r) _.
  by rewrite leq_add2l.
have ps_N : 0 <= ps * N by rewrite mulr_ge0.
apply: (le_by3 (ltW small) conv ps_N).
by move: ((n + r) ^ k)%:R (kept n n' r ^ k)%:R => M M'; rat_ring.
Qed.
