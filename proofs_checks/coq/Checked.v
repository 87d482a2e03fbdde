(** The checker of Checker.v answers [true] on the true claims of [Claims.true_claim], and on
    no others. *)
From Coq Require Import PArith NArith Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Rounding Theorem1 Neighbours Claims Checker.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** ** Rounding: the integers of [scaled] are the gap of [Claims.gap_by] *)

Import Order.Theory GRing.Theory Num.Theory.

Section Rounding.
Local Open Scope ring_scope.

Lemma floorq_unique (x : rat) (i : int) : i%:~R <= x < (i + 1)%:~R -> floorq x = i.
Proof.
have /andP[lo up] := floorq_itv x; case/andP=> lo' up'; apply/eqP.
have := le_lt_trans lo up'; have := le_lt_trans lo' up.
by rewrite !ltr_int !ltz_addr1 eq_le => -> ->.
Qed.

Lemma ceilq_unique (x : rat) (i : int) : x <= i%:~R < x + 1 -> ceilq x = i.
Proof.
case/andP=> lo up; rewrite /ceilq (@floorq_unique (- x) (- i)) ?opprK //.
rewrite intrD mulrNz ler_opp2 lo /= ltr_oppl opprD opprK ltr_subl_addr.
exact: up.
Qed.

Variables (A M d : nat).
Hypothesis d_gt0 : (0 < d)%N.

Lemma floorq_frac : floorq (A%:R / d%:R * M%:R) = (A * M %/ d)%N.
Proof.
have d_pos : 0 < d%:R :> rat by rewrite ltr0n.
apply: floorq_unique; rewrite mulrAC -natrM ler_pdivl_mulr // ltr_pdivr_mulr //.
rewrite intrD -!pmulrn -natrD -!natrM ler_nat ltr_nat.
by rewrite leq_trunc_div addn1 ltn_ceil.
Qed.

Lemma ceilq_frac : ceilq (A%:R / d%:R * M%:R) = ((A * M + d.-1) %/ d)%N.
Proof.
have d_pos : 0 < d%:R :> rat by rewrite ltr0n.
apply: ceilq_unique; rewrite mulrAC -natrM -(ltr_subl_addr _ 1).
rewrite ler_pdivr_mulr // ltr_pdivl_mulr // mulrBl mul1r ltr_subl_addr.
rewrite -!pmulrn -natrD -!natrM ler_nat ltr_nat.
have up := ltn_ceil (A * M + d.-1) d_gt0; have lo := leq_trunc_div (A * M + d.-1) d.
apply/andP; split; last first.
  by apply: leq_ltn_trans lo _; rewrite ltn_add2l prednK.
by rewrite -(leq_add2r d) -[in X in (X <= _)%N](prednK d_gt0) addnS -mulSnr.
Qed.

End Rounding.

Section Correctness.
Variables (a : attack) (e : residual) (n k A B d : nat).
Hypothesis d_gt0 : (0 < d)%N.
Local Open Scope ring_scope.
Let pl : rat := A%:R / d%:R.
Let ps : rat := B%:R / d%:R.

Lemma gap_scaled :
  let '(s, low, high) := scaled e (n ^ k) A B d in
  gap_by e k n pl ps = (low%:R - high%:R) / s%:R.
Proof.
rewrite /pl /ps; case: e => /=; rewrite ?/gap_paper ?/gap_integral ?/gap.
- by rewrite floorq_frac // ceilq_frac // divr1 rmorphB.
- by rewrite -mulrBl mulrAC !natrM -mulrBl.
- by rewrite floorq_frac // ceilq_frac // divr1 rmorphB.
Qed.

Lemma scaled_le : (A <= d)%N ->
  let '(s, low, high) := scaled e (n ^ k) A B d in
  (0 < s)%N /\ (low <= s * n ^ k + high)%N.
Proof.
move=> Ad; have Mle : (A * n ^ k <= d * n ^ k)%N by rewrite leq_mul.
case: e => /=; rewrite ?mul1n; split=> //; apply: (leq_trans _ (leq_addr _ _)) => //.
- by rewrite (leq_trans (leq_div2r d Mle)) // mulKn.
- rewrite (leq_trans (leq_div2r d (leq_add Mle (leqnn _)))) // mulnC divnMDl //.
  by rewrite divn_small ?addn0 // prednK.
Qed.

(** The decision over [nat] is equivalent to the definition. *)
Lemma checkP stated : check a e n k A B d stated <-> true_claim a e n k pl ps stated.
Proof.
have d_pos : 0 < d%:R :> rat by rewrite ltr0n.
have unit x : (x <= d)%N = (0 <= (x%:R / d%:R : rat) <= 1).
  by rewrite ler_pdivr_mulr // mul1r ler_nat divr_ge0 ?ler0n.
have ps_lt : (ps < pl) = (B < A)%N by rewrite ltr_pmul2r ?invr_gt0 // ltr_nat.
have pl_le : (pl <= ps) = (A <= B)%N by rewrite ler_pmul2r ?invr_gt0 // ler_nat.
have [/and4P[n_gt0 k_gt0 Ad Bd] | bad] := boolP [&& 0 < n, 0 < k, A <= d & B <= d]%N;
  last first.
  split=> [/and5P[n_gt0 k_gt0 Ad Bd _] | [[n_gt0 k_gt0 Ad Bd] _]]; case/negP: bad.
    by rewrite n_gt0 k_gt0 Ad Bd.
  by rewrite n_gt0 k_gt0 !unit Ad Bd.
rewrite /check /true_claim n_gt0 k_gt0 -/pl -/ps -!unit Ad Bd ps_lt pl_le /=.
have := scaled_le Ad; have := gap_scaled.
case: (scaled e (n ^ k) A B d) => [[s low] high] G_eq [s_gt0 G_le].
have radius := radiusP a k_gt0 n_gt0 s_gt0 G_eq G_le.
have none := no_radiusP a k_gt0 n_gt0 s_gt0 G_eq G_le.
have bounded r : radius_test a k s low high n r -> a = Any -> (r < n)%N.
  by case/and3P=> _ fit _ is_any; rewrite is_any in fit; apply: (radius_lt k_gt0 s_gt0 G_le fit).
have worst_iff := @worstP a k n (gap_by e k n pl ps) k_gt0 n_gt0.
case: stated => [r w | |]; last 1 first.
- split=> [/andP[Blt /none no] | [_ [Blt /none no]]]; first by split.
  by rewrite Blt.
- split=> [/and3P[Blt w_ok r_ok] | [_ [Blt r_ok w_ok]]].
    split=> //; split=> //; first exact/radius.
    by apply/worst_iff => // is_any; apply: bounded.
  have {}r_ok : radius_test a k s low high n r by apply/radius.
  rewrite Blt r_ok andbT; apply/worst_iff => // is_any; exact: bounded.
by split=> [ok | []].
Qed.

End Correctness.

(** ** The theorems *)

(** A natural number over a positive one, as a rational. *)
Definition fraction (A : N) (d : positive) : rat :=
  ((N.to_nat A)%:R / (Pos.to_nat d)%:R)%R.

Lemma checker_reflects a e n k A B d stated :
  Bin.check a e n k A B d stated <->
  true_claim a e (N.to_nat n) (N.to_nat k) (fraction A d) (fraction B d) (claim_nat stated).
Proof. by rewrite checkE; apply: checkP; apply/ssrnat.ltP/Pos2Nat.is_pos. Qed.

Theorem checker_sound a e n k A B d stated :
  Bin.check a e n k A B d stated = true ->
  true_claim a e (N.to_nat n) (N.to_nat k) (fraction A d) (fraction B d) (claim_nat stated).
Proof. by move/checker_reflects. Qed.

Theorem checker_complete a e n k A B d stated :
  true_claim a e (N.to_nat n) (N.to_nat k) (fraction A d) (fraction B d) (claim_nat stated) ->
  Bin.check a e n k A B d stated = true.
Proof. by move/checker_reflects. Qed.
