(** Rounding to whole lists, and the gaps of Theorem 1 in units of one list. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting.
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

(** A whole number lies below [x] exactly when it is at most [ceilq x - 1]. *)
Lemma lt_ceilq (i : nat) (x : rat) : i%:R < x <-> i%:R <= (ceilq x - 1)%:~R :> rat.
Proof.
have /andP [lt_x le_x] := ceilq_itv x; split=> [lt_ix|le_i]; last exact: le_lt_trans lt_x.
have := lt_le_trans lt_ix le_x; rewrite pmulrn ltr_int => lt_i.
by rewrite ler_int -ltz_addr1 subrK.
Qed.
