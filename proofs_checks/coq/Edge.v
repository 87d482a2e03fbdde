(** The last step of SimuEM's Theorem B: two binomial tails and one edge term between two
    probabilities at which both tails are bounded. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Cohen Tails Trials.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** At most [y] successes are at least [N - y] failures. *)
Lemma tail_rest N y q : (y <= N)%N -> upper_tail N (N - y) (1 - q) = 1 - upper_tail N y.+1 q.
Proof.
move=> le_y; rewrite -lower_tail_mirror //; apply/esym/eqP; rewrite subr_eq; apply/eqP.
have all : upper_tail N 0 q = 1 by rewrite upper_tail_trials trials_tail0.
rewrite -[LHS]all /upper_tail (bigID (fun i : 'I_N.+1 => (i <= y)%N)) /=.
by congr (_ + _); apply: eq_bigl => i; rewrite // -ltnNge.
Qed.

(** One trial fewer. *)
Lemma trials_fewer M p m : (m <= M)%N ->
  (M.+1)%:R * (1 - p) * trials (nseq M p) m = (M.+1 - m)%:R * trials (nseq M.+1 p) m.
Proof.
move=> le_m; rewrite trials_binomial // trials_binomial ?leqW // subSn // exprS.
have := mul_bin_down M.+1 m; rewrite /= subSn // => /(congr1 (fun x => x%:R : rat)).
rewrite !natrM; move: (M.+1)%:R ('C(M, m)%:R) ('C(M.+1, m)%:R) ((M - m).+1)%:R => a u w z.
move: (p ^+ m) (_ ^+ (M - m)) => x y eq.
have -> : a * (1 - p) * (u * x * y) = a * u * ((1 - p) * x * y) by rat_ring.
by rewrite eq; rat_ring.
Qed.

(** m (N + 1 - m) is symmetric, and largest in the middle. *)
Lemma middle_larger N Y T : (Y < T)%N -> (T + Y <= N)%N ->
  (Y.+1 * (N - Y) <= T * (N - T.-1))%N.
Proof.
move=> lt le; have [u eT] : exists u, T = (Y.+1 + u)%N by exists (T - Y.+1)%N; rewrite subnKC.
have [w eN] : exists w, N = (T + Y + w)%N by exists (N - (T + Y))%N; rewrite subnKC.
have -> : (N - Y = Y.+1 + u + w)%N by rewrite eN addnAC addnK eT.
have -> : (N - T.-1 = Y.+1 + w)%N.
  have e : ((Y + u).+1 + Y + w = (Y + u) + (Y.+1 + w))%N by clear; nat_lia.
  by rewrite eN eT addSn e addKn.
rewrite eT; clear; move: Y.+1 => y; rewrite mulnDl !mulnDr (mulnC u y).
by rewrite addnAC [X in (_ <= X)%N]addnA leq_addr.
Qed.

Lemma edge_balance M Y T (b p q PA PV PY eps : rat) :
  0 < p -> p <= q -> q < 1 -> (Y < T)%N -> (T + Y <= M.+1)%N ->
  0 <= eps -> eps <= PY -> PY = trials (nseq M.+1 p) Y ->
  T%:R * eps <= (Y.+1)%:R * trials (nseq M.+1 p) T.-1 ->
  PV <= b -> PV + PY = 1 - upper_tail M.+1 Y.+1 p -> PA = upper_tail M.+1 T p ->
  upper_tail M.+1 T q <= b -> 1 - b <= upper_tail M.+1 Y.+1 q ->
  PA + (PV + eps) <= b + b.
Proof.
move=> p0 pq q1 YT TYM eps0 epsY PYE edge PVb PVY PAE tq yq.
have PAb : PA <= b by rewrite PAE; apply: le_trans tq; exact: upper_tail_mono (ltW p0) pq (ltW q1).
have [eps_le|eps_gt] := lerP eps 0.
  by apply: ler_add => //; apply: le_trans PVb; rewrite ger_addl.
have PY_gt : 0 < PY := lt_le_trans eps_gt epsY.
have T_gt0 : (0 < T)%N := leq_ltn_trans (leq0n Y) YT.
have YM : (Y <= M)%N by rewrite -ltnS (leq_trans YT) // (leq_trans (leq_addr Y T)).
have TM : (T.-1 <= M)%N by rewrite -ltnS prednK // (leq_trans (leq_addr Y T)).
have le_e : eps / PY * trials (nseq M p) Y <= trials (nseq M p) T.-1.
  have K_gt : 0 < (M.+1)%:R * (1 - p) :> rat.
    by rewrite mulr_gt0 ?ltr0n // subr_gt0 (le_lt_trans pq q1).
  rewrite -(ler_pmul2l K_gt) mulrCA !trials_fewer // -PYE mulrCA divfK ?gt_eqF //.
  have T_pos : 0 < T%:R :> rat by rewrite ltr0n.
  rewrite -(ler_pmul2l T_pos) mulrCA; apply: (@le_trans _ _
    ((M.+1 - Y)%:R * ((Y.+1)%:R * trials (nseq M.+1 p) T.-1))).
    by apply: ler_wpmul2l => //; apply: ler0n.
  rewrite !mulrA; apply: ler_wpmul2r.
    apply: trials_ge0; rewrite /unit all_nseq p0 (le_lt_trans pq q1) orbT //.
  by rewrite -!natrM ler_nat mulnC middle_larger.
have YT1 : (Y <= T.-1)%N by rewrite -ltnS prednK.
have := tails_raise p0 pq q1 YT1 YM le_e; rewrite prednK // -PAE.
set e := eps / PY; have e0 : 0 <= e by rewrite divr_ge0 // ltW.
have e1 : e <= 1 by rewrite ler_pdivr_mulr // mul1r.
have epsE : eps = e * PY by rewrite /e divfK // gt_eqF.
set tY := upper_tail M.+1 Y.+1 p in PVY *; set uY := upper_tail M.+1 Y.+1 q in yq *.
have -> : tY = 1 - (PV + PY) by rewrite PVY opprB addrC subrK.
move=> raise; rewrite epsE.
have w1 : 0 <= (1 - e) * (b - PV) by rewrite mulr_ge0 // subr_ge0.
have w2 : 0 <= e * (uY - (1 - b)) by rewrite mulr_ge0 // subr_ge0.
have w3 : 0 <= b - upper_tail M.+1 T q by rewrite subr_ge0.
move: raise; rewrite -subr_ge0 => w4; move: (upper_tail _ _ _) w3 w4 => x w3 w4.
apply: (le_by (addr_ge0 (addr_ge0 w1 w2) (addr_ge0 w3 w4))).
by rat_ring.
Qed.
