(** Which size [n'] of the poisoned set is worst, eq (7): only [n' >= n] matters, there
    the left side of (4) rises and then falls, and its maximiser is unique. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Attacks.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Theorem holds_larger k n r G : (0 < n)%N ->
  holds k n r G <-> (forall n', (n <= n')%N -> (n' <= n + r)%N -> margin k n n' r G < 0).
Proof.
move=> n_gt0; split=> [hG n' le1 le2 | hG n' n'_gt0 _ le2].
  by apply: hG => //; [apply: leq_trans le1 | apply: leq_trans le1 (leq_addr _ _)].
have [le_n'n|/ltnW] := leqP n' n; last by move=> le_nn'; apply: hG.
by apply: le_lt_trans (margin_small _ _ _ le_n'n) _; apply: hG; rewrite ?leq_addr.
Qed.

(** From [x] to [x + 1] the left side of (4) falls. *)
Definition falls (k r x : nat) : bool :=
  (x.+1 ^ k + 2 * (x - r) ^ k < x ^ k + 2 * (x.+1 - r) ^ k)%N.

Lemma margin_fallsE k n r x G : (n <= x)%N ->
  (margin k n x.+1 r G < margin k n x r G) = falls k r x.
Proof.
move=> le_nx; rewrite /falls /margin /kept (maxn_idPr le_nx) (maxn_idPr (leqW le_nx)).
rewrite !mul2n -!addnn -(ltr_nat rat_numDomainType) !natrD.
by apply: lt_same; rat_ring.
Qed.

(** * Forward differences of powers *)

Definition step (k x : nat) : nat := (x.+1 ^ k - x ^ k)%N.

Lemma stepE k x : (x.+1 ^ k = x ^ k + step k x)%N.
Proof. by rewrite /step subnKC // leq_pow. Qed.

Lemma step_sum K x : step K.+1 x = (\sum_(i < K.+1) x.+1 ^ (K - i) * x ^ i)%N.
Proof. by rewrite /step subn_exp subSnn mul1n. Qed.

Lemma step_gt0 K x : (0 < step K.+1 x)%N.
Proof. by rewrite subn_gt0 ltn_exp2r. Qed.

(** One term of a difference against the same term elsewhere, scaled. *)
Lemma term_ratio K i (p q u v : nat) : (i <= K)%N -> (p * v <= q * u)%N ->
  (u ^ (K - i) * p ^ i * v ^ K <= v ^ (K - i) * q ^ i * u ^ K)%N.
Proof.
move=> le_iK le_pq; have split_pow (w : nat) : (w ^ K = w ^ (K - i) * w ^ i)%N.
  by rewrite -expnD subnK.
rewrite !split_pow; have := leq_pow i le_pq; rewrite !expnMn.
move: (u ^ (K - i))%N (v ^ (K - i))%N (u ^ i)%N (v ^ i)%N (p ^ i)%N (q ^ i)%N.
move=> a b u' v' p' q' le_pq'.
rewrite (mulnACA a p') (mulnACA b q') (mulnC b a).
by rewrite leq_mul2l le_pq' orbT.
Qed.

(** The quotient of two successive differences falls. *)
Lemma step_ratio K (x y : nat) : (y <= x)%N ->
  (step K.+1 y * step K.+1 x.+1 <= step K.+1 x * step K.+1 y.+1)%N.
Proof.
move=> le_yx; rewrite !step_sum !big_distrlr /=.
apply: leq_sum => i _; apply: leq_sum => j _.
have le_iK : (i <= K)%N by rewrite -ltnS.
have le_jK : (K - j <= K)%N by rewrite leq_subr.
have le1 : (y * x.+1 <= x * y.+1)%N by nat_nia.
have le2 : (x.+2 * y.+1 <= y.+2 * x.+1)%N by nat_nia.
have := term_ratio le_iK le1; have := term_ratio le_jK le2; rewrite subKn; last by rewrite -ltnS.
have U_gt0 : (0 < x.+1 ^ K)%N by rewrite expn_gt0.
have V_gt0 : (0 < y.+1 ^ K)%N by rewrite expn_gt0.
move=> ratio_j ratio_i; rewrite -(leq_pmul2r U_gt0) -(leq_pmul2r V_gt0).
have := leq_mul ratio_i ratio_j.
set a := (y.+1 ^ (K - i))%N; set b := (y ^ i)%N; set c := (x.+1 ^ (K - i))%N.
set d := (x ^ i)%N; set e := (x.+1 ^ j)%N; set f := (x.+2 ^ (K - j))%N.
set g := (y.+1 ^ j)%N; set h := (y.+2 ^ (K - j))%N.
set U := (x.+1 ^ K)%N; set V := (y.+1 ^ K)%N.
rewrite (_ : a * b * U * (e * f * V) = a * b * (f * e) * U * V)%N; last by nat_lia.
by rewrite (_ : c * d * V * (g * h * U) = c * d * (h * g) * U * V)%N; last by nat_lia.
Qed.

(** * Rise, then fall *)

Lemma falls_step K r x : (r <= x)%N ->
  falls K.+1 r x = (step K.+1 x < 2 * step K.+1 (x - r))%N.
Proof.
move=> le_rx; rewrite /falls (subSn le_rx) !stepE.
move: (x ^ _)%N ((x - r) ^ _)%N (step _ x) (step _ (x - r)) => a b c d.
by apply/idP/idP => lt; nat_lia.
Qed.

Lemma falls_ge K r x : falls K.+1 r x -> (r <= x)%N.
Proof.
rewrite leqNgt; apply: contraL => lt_xr; rewrite /falls -leqNgt.
have /eqP -> : (x - r == 0)%N by rewrite subn_eq0 ltnW.
have /eqP -> : (x.+1 - r == 0)%N by rewrite subn_eq0.
by rewrite leq_add2r leq_pow.
Qed.

Theorem falls_next k r x : falls k r x -> falls k r x.+1.
Proof.
case: k => [|K] fx; first by rewrite /falls !expn0 ltnn in fx.
have le_rx := falls_ge fx; move: fx; rewrite !falls_step ?leqW // subSn //.
have := step_ratio K (leq_subr r x); have := step_gt0 K (x - r).
have := step_gt0 K (x - r).+1.
move: (step _ x.+1) (step _ (x - r).+1) (step _ x) (step _ (x - r)) => a b c d.
by nat_nia.
Qed.

(** Neighbours differ by an odd number. *)
Theorem neighbours_differ k n r x G : (0 < k)%N -> (n <= x)%N ->
  margin k n x.+1 r G <> margin k n x r G.
Proof.
move=> k_gt0 le_nx; rewrite /margin /kept (maxn_idPr le_nx) (maxn_idPr (leqW le_nx)).
move=> /addIr /addIr eq_m.
have : (x.+1 ^ k + ((x - r) ^ k).*2)%:R = (x ^ k + ((x.+1 - r) ^ k).*2)%:R :> rat.
  rewrite -!addnn !natrD.
  apply/eqP; rewrite -subr_eq0; apply/eqP; rewrite -(subrr (x ^ k)%:R).
  move/eqP: eq_m; rewrite -subr_eq0 => /eqP eq_m.
  by rewrite subrr -eq_m; rat_ring.
move/eqP; rewrite eqr_nat => /eqP /(congr1 odd).
by rewrite !oddD !odd_double !oddX !addbF /= gtn_eqF //; case: odd.
Qed.

Lemma falls_lt k n r x t G : (n <= x)%N -> falls k r x ->
  margin k n (x + t.+1) r G < margin k n x r G.
Proof.
move=> le_nx fx; have fall s : falls k r (x + s).
  by elim: s => [|s IH]; rewrite ?addn0 // addnS; apply: falls_next.
elim: t => [|t IH]; first by rewrite addn1 margin_fallsE.
by apply: lt_trans IH; rewrite addnS margin_fallsE // (leq_trans le_nx) ?leq_addr.
Qed.

(** Among the sizes from [n] to any [N] the left side of (4) is largest at one only. *)
Theorem maximiser_unique k n N r x y G : (0 < k)%N ->
  let maximal z := [/\ (n <= z)%N, (z <= N)%N &
    forall u, (n <= u)%N -> (u <= N)%N -> margin k n u r G <= margin k n z r G] in
  maximal x -> maximal y -> x = y.
Proof.
move=> k_gt0 maximal; wlog lt_xy : x y / (x < y)%N.
  by move=> main mx my; case: (ltngtP x y) => // ?; [|apply/esym]; apply: main.
case=> le_nx le_xN max_x [le_ny le_yN max_y].
have le_N : (x.+1 <= N)%N by apply: leq_trans lt_xy le_yN.
have fx : falls k r x.
  rewrite -(margin_fallsE k r G le_nx) lt_neqAle max_x ?leqW // andbT.
  by apply/eqP; apply: neighbours_differ.
have := falls_lt (y - x.+1) G le_nx fx.
by rewrite addnS -addSn subnKC // ltNge max_y.
Qed.

(** * The criterion of (7): [x ^ (k-1)] against [2 (x - r) ^ (k-1)] *)

Theorem falls_criterion K r x : (r <= x)%N -> (x ^ K <= 2 * (x - r) ^ K)%N -> falls K.+1 r x.
Proof.
move=> le_rx; have := leq_subr r x; set y := (x - r)%N => le_yx le_K.
suff : (step K.+1 x <= 2 * step K.+1 y)%N.
  rewrite leq_eqVlt => /orP [/eqP eq_s|]; last by rewrite falls_step.
  case: (@neighbours_differ K.+1 x r x 0) => //; rewrite /margin /kept maxnn.
  rewrite (maxn_idPr (leqnSn x)) (subSn le_rx) -/y !stepE eq_s mul2n -addnn !natrD.
  by rat_ring.
have [yK0|yK_gt0] := posnP (y ^ K).
  move: le_K; rewrite yK0 muln0 leqn0 expn_eq0 => /andP [/eqP x0 _].
  by rewrite x0 leqn0 in le_yx; rewrite x0 (eqP le_yx) leq_pmull.
rewrite !step_sum big_distrr /=; apply: leq_sum => i _.
have le_iK : (i <= K)%N by rewrite -ltnS.
rewrite -(leq_pmul2r yK_gt0).
have le1 : (x.+1 * y <= y.+1 * x)%N by nat_nia.
have := @term_ratio K (K - i) x.+1 y.+1 x y (leq_subr _ _) le1; rewrite subKn //.
move=> ratio; have := leq_mul (leqnn (y ^ i * y.+1 ^ (K - i))) le_K; move: ratio.
move: (x ^ i)%N (x.+1 ^ _)%N (y ^ i)%N (y.+1 ^ _)%N (x ^ K)%N (y ^ K)%N => p q u v X Y.
by nat_lia.
Qed.

Theorem rises_criterion K r x : (r <= x)%N ->
  (2 * (x.+1 - r) ^ K <= x.+1 ^ K)%N -> ~~ falls K.+1 r x.
Proof.
move=> le_rx; rewrite subSn // falls_step // -leqNgt; have := leq_subr r x.
set y := (x - r)%N => le_yx le_K; rewrite !step_sum big_distrr /=.
apply: leq_sum => i _; have le_iK : (i <= K)%N by rewrite -ltnS.
have V_gt0 : (0 < y.+1 ^ K)%N by rewrite expn_gt0.
rewrite -(leq_pmul2r V_gt0).
have le1 : (y * x.+1 <= x * y.+1)%N by nat_nia.
apply: leq_trans (term_ratio le_iK le1).
have := leq_mul (leqnn (y.+1 ^ (K - i) * y ^ i)) le_K.
by move: (y.+1 ^ _)%N (y ^ i)%N (x.+1 ^ _)%N (y.+1 ^ _)%N => p q X Y; nat_lia.
Qed.
