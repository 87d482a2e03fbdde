(** Theorem 1 for randomised learners, without residuals; then with the paper's
    residuals, and for deterministic learners with integral masses. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** Rounding to integers: [floorq x] is the integer with [floorq x <= x < floorq x + 1]. *)
Definition floorq (x : rat) : int := (numq x %/ denq x)%Z.
Definition ceilq (x : rat) : int := - floorq (- x).

Lemma floorq_itv x : (floorq x)%:~R <= x < (floorq x + 1)%:~R.
Proof.
have d_gt0 : 0 < (denq x)%:~R :> rat by rewrite ltr0z denq_gt0.
rewrite -{2 3}(divq_num_den x) ler_pdivl_mulr // ltr_pdivr_mulr // -!intrM.
by rewrite ler_int ltr_int lez_floor ?denq_neq0 //= ltz_ceil ?denq_gt0.
Qed.

Lemma ceilq_itv x : (ceilq x - 1)%:~R < x <= (ceilq x)%:~R.
Proof.
have /andP [lo up] := floorq_itv (- x).
by rewrite /ceilq -opprD !mulrNz ltr_oppl up ler_oppr lo.
Qed.

(** An integer at least [x] is at least [ceilq x]; and the mirror image. *)
Lemma ceilq_le x (i : int) : x <= i%:~R -> ceilq x <= i.
Proof.
move=> x_le; have /andP [lt_x _] := ceilq_itv x.
by have := lt_le_trans lt_x x_le; rewrite ltr_int ltr_subl_addr ltz_addr1.
Qed.

Lemma floorq_ge x (i : int) : i%:~R <= x -> i <= floorq x.
Proof.
move=> le_x; have /andP [_ x_lt] := floorq_itv x.
by have := le_lt_trans le_x x_lt; rewrite ltr_int ltz_addr1.
Qed.

(** The three gaps of a pair of bounds, in units of one list. *)
Definition gap (k n : nat) (pl ps : rat) : rat := (pl - ps) * (n ^ k)%:R.
Definition gap_paper (k n : nat) (pl ps : rat) : rat :=
  (floorq (pl * (n ^ k)%:R) - ceilq (ps * (n ^ k)%:R))%:~R.
Definition gap_integral (k n : nat) (pl ps : rat) : rat :=
  (ceilq (pl * (n ^ k)%:R) - floorq (ps * (n ^ k)%:R))%:~R.

(** The paper's residuals only ever lose. *)
Lemma gap_paper_le k n pl ps : gap_paper k n pl ps <= gap k n pl ps.
Proof.
have /andP [lo _] := floorq_itv (pl * (n ^ k)%:R).
have /andP [_ up] := ceilq_itv (ps * (n ^ k)%:R).
by rewrite /gap_paper /gap mulrBl rmorphB ler_sub.
Qed.

(** A larger gap certifies at least as much. *)
Lemma holds_gap k n r (G H : rat) : G <= H -> holds k n r G -> holds k n r H.
Proof.
move=> leGH hG n' n'_gt0 le1 le2; apply: le_lt_trans (hG n' n'_gt0 le1 le2).
by rewrite /margin ler_add2l ler_oppl opprK.
Qed.

Section Theorem1.
Variables (X : Type) (k c : nat).
Implicit Types (A : learner X k c) (l : 'I_c).

(** What Theorem 1 needs of a poisoned set: its overlap, and that (4) covers its size. *)
Lemma poisoned_kept r n n' (D : 'I_n -> X) (D' : 'I_n' -> X) : poisoned r D D' ->
  exists m, [/\ share D D' m, (kept n n' r <= m)%N,
                (0 < n')%N, (n <= n' + r)%N & (n' <= n + r)%N].
Proof.
case=> n'_gt0 [m [sh le_max]]; exists m.
have := share_leql sh; have := share_leqr sh; rewrite geq_max in le_max.
have /andP [le1 le2] := le_max => mn' mn; split=> //.
- by rewrite /kept leq_subLR addnC geq_max le1.
- by apply: (leq_trans le1); rewrite leq_add2r.
- by apply: (leq_trans le2); rewrite leq_add2r.
Qed.

(** The kernel: a gap [G] between masses on D is kept when (4) holds. *)
Lemma mass_kept A r n n' (D : 'I_n -> X) (D' : 'I_n' -> X) l j G :
  is_learner A -> poisoned r D D' -> holds k n r G ->
  G <= mass A D l - mass A D j -> mass A D' j < mass A D' l.
Proof.
move=> lA /poisoned_kept [m [sh le_m n'_gt0 le1 le2]] hG leG.
have lo := transfer_lower l lA sh; have up := transfer_upper j lA sh.
apply: le_lt_trans up _; apply: lt_le_trans lo.
rewrite -subr_lt0; apply: le_lt_trans (hG n' n'_gt0 le1 le2); rewrite /margin.
have le_mk : (kept n n' r ^ k)%:R <= (m ^ k)%:R :> rat by rewrite ler_nat leq_pow.
rewrite -subr_ge0 in le_mk; rewrite -subr_ge0 in leG.
apply: le_by (addr_ge0 (addr_ge0 le_mk le_mk) leG) _; rat_ring.
Qed.

Theorem no_residual A n (D : 'I_n -> X) l pl ps r :
  is_learner A -> bounded A D l pl ps -> holds k n r (gap k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof.
move=> lA [ge_pl le_ps] hG n' D' pD j j_l.
have nk'_gt0 : 0 < (n' ^ k)%:R :> rat.
  by case: pD => n'_gt0 _; rewrite ltr0n expn_gt0 n'_gt0.
rewrite /prob ltr_pmul2r ?invr_gt0 //; apply: (mass_kept lA pD hG).
have nk_ge0 : 0 <= (n ^ k)%:R :> rat by rewrite ler0n.
by rewrite !massE /gap mulrBl ler_sub // ler_wpmul2r // le_ps.
Qed.

(** The theorem as the paper prints it. *)
Corollary paper_residual A n (D : 'I_n -> X) l pl ps r :
  is_learner A -> bounded A D l pl ps -> holds k n r (gap_paper k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof.
move=> lA bD hG; apply: (no_residual lA bD).
by apply: holds_gap hG; apply: gap_paper_le.
Qed.

(** The masses of a deterministic learner are counts. *)
Lemma deterministic_mass A n (D : 'I_n -> X) l : deterministic A ->
  mass A D l = #|[set w : lists k n | A (drawn D w) l == 1]|%:R.
Proof.
case=> f fA; rewrite -sum1_card natr_sum /mass [RHS]big_mkcond /=.
by apply: eq_bigr => w _; rewrite inE fA; case: eqP => //= _; rewrite eq_sym oner_eq0.
Qed.

Lemma deterministic_learner A : deterministic A -> is_learner A.
Proof.
case=> f fA; split=> [w l|w]; first by rewrite fA ler0n.
rewrite (bigD1 (f w)) //= fA eqxx big1 ?addr0 // => l.
by rewrite fA eq_sym => /negPf ->.
Qed.

Theorem integral A n (D : 'I_n -> X) l pl ps r :
  deterministic A -> bounded A D l pl ps -> holds k n r (gap_integral k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof.
move=> dA [ge_pl le_ps] hG n' D' pD j j_l; have lA := deterministic_learner dA.
have nk'_gt0 : 0 < (n' ^ k)%:R :> rat.
  by case: pD => n'_gt0 _; rewrite ltr0n expn_gt0 n'_gt0.
have nk_ge0 : 0 <= (n ^ k)%:R :> rat by rewrite ler0n.
rewrite /prob ltr_pmul2r ?invr_gt0 //; apply: (mass_kept lA pD hG).
have := ler_wpmul2r nk_ge0 ge_pl; have := ler_wpmul2r nk_ge0 (le_ps j j_l).
rewrite -!massE !deterministic_mass // !pmulrn => /floorq_ge le_j /ceilq_le le_l.
by rewrite /gap_integral rmorphB ler_sub // ler_int.
Qed.

End Theorem1.
