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
by rewrite /gap_paper /gap mulrBl intrB ler_sub.
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
have le_mk : (kept n n' r ^ k)%:R <= (m ^ k)%:R :> rat by rewrite ler_nat leq_exp2r_le.
rewrite -subr_ge0; move: le_mk leG; rewrite -subr_ge0 -(subr_ge0 G) => le_mk leG.
set a := (kept n n' r ^ k)%:R in le_mk *; set b := (m ^ k)%:R in le_mk *.
set x := mass A D l in leG *; set y := mass A D j in leG *.
set u := (n ^ k)%:R; set v := (n' ^ k)%:R.
rewrite (_ : _ - _ = (b - a) + (b - a) + (x - y - G)); last by ring.
by rewrite !addr_ge0.
Qed.

End Theorem1.
