(** The rows of a certificate file: what each claims, of every method and both scopes, and a
    program on binary integers that accepts the true ones only, and all of them.

    The bounds of a true row are the tightest on the grid of 1 / d, its radius the largest and
    its worst size the one that [Claims.true_claim] describes. *)
From Coq Require Import PArith NArith Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Confidence Cohen Claims Checker Checked Tails Sign Canonical.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Notation subNE := Checker.subE.
Local Open Scope ring_scope.

Inductive method := Simuem | CohenM | Selected.
Inductive scope := Simultaneous | Each.

(** A certificate file's first line. The level of the whole is [alpha = h_num / h_den], and the
    bounds are multiples of [1 / h_grid] (in the files of this project: of 2^-53). *)
Record header := Header {
  h_n : N; h_k : N; h_classes : N; h_models : N; h_examples : N;
  h_num : N; h_den : positive; h_method : method; h_scope : scope;
  h_attack : attack; h_residual : residual; h_grid : positive
}.

(** One line per example: label, p_l = low / grid, p_s = up / grid, radius and worst size; or
    the reason why there is no certificate. *)
Inductive reason := Selection | BoundsMeet | GapLost.
Inductive row :=
  | Certificate (label low up radius : N) (worst : option N)
  | Abstention (why : reason).

(** * What a row claims *)

(** The level a of one example: all of alpha for each, or an e-th part of it. *)
Definition example_level (s : scope) (e : nat) (alpha : rat) : rat :=
  match s with Simultaneous => alpha / e%:R | Each => alpha end.

(** The level of the sign test of [selected], and of each bound. *)
Definition test_level (c : nat) (a : rat) : rat := a / (100 * c.-1)%:R.
Definition bound_level (m : method) (c : nat) (a : rat) : rat :=
  match m with
  | Simuem => a / c%:R
  | CohenM => a / 2
  | Selected =>
      if (c == 2)%N then a - test_level c a else (a - (c.-1)%:R * test_level c a) / 2
  end.

(** Of the votes: the largest count, the first label that has it, and the next count. *)
Definition most (xs : seq nat) : nat := foldr maxn 0%N xs.
Definition first_top (xs : seq nat) : nat := index (most xs) xs.
Definition next_count (xs : seq nat) : nat :=
  most (take (first_top xs) xs ++ drop (first_top xs).+1 xs).

Section Claimed.
Variable h : header.
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let d := Pos.to_nat (h_grid h).

Definition row_level : rat :=
  example_level (h_scope h) (N.to_nat (h_examples h)) (fraction (h_num h) (h_den h)).
Definition beta : rat := bound_level (h_method h) c row_level.

Definition in_range : Prop :=
  [/\ (0 < N.to_nat (h_examples h))%N, (1 < c)%N & 0 < fraction (h_num h) (h_den h) < 1].

Section Counts.
Variable xs : seq nat.
Let top := most xs.
Let next := next_count xs.

(** [selected] alone asks: Pr (Bin (top + next, 1/2) >= top) <= beta'. *)
Definition selects : bool :=
  if h_method h is Selected then rare_at (test_level c row_level) (top + next) top else true.

(** p_l is the largest lower bound of the top count, p_s the smallest upper bound of the next
    one, or 1 - p_l if that is less (for [cohen]: 1 - p_l). *)
Definition low_due : nat := low_t V d beta top.
Definition rest_due : nat :=
  if h_method h is CohenM then low_due else maxn low_due (low_t V d beta (V - next)).
Definition up_due : nat := (d - rest_due)%N.

Definition claim_due (stated : claim nat) : Prop :=
  selects /\ true_claim (h_attack h) (h_residual h) (N.to_nat (h_n h)) (N.to_nat (h_k h))
    (low_due%:R / d%:R) (up_due%:R / d%:R) stated.

Definition true_row (r : row) : Prop :=
  match r with
  | Certificate l lo up rad w =>
      [/\ N.to_nat l = first_top xs, N.to_nat lo = low_due, N.to_nat up = up_due
        & claim_due (Certified (N.to_nat rad) (omap N.to_nat w))]
  | Abstention Selection => ~~ selects
  | Abstention BoundsMeet => claim_due AbstainBounds
  | Abstention GapLost => claim_due AbstainResidual
  end.

End Counts.
End Claimed.

(** * The program *)
Module BinRow.
Local Open Scope N_scope.

Definition largest (xs : seq N) : N := foldr N.max 0 xs.
Fixpoint place (x : N) (xs : seq N) : N :=
  if xs is y :: rest then if y =? x then 0 else N.succ (place x rest) else 0.
Fixpoint others (i : N) (xs : seq N) : seq N :=
  if xs is y :: rest then if i =? 0 then rest else y :: others (N.pred i) rest else [::].

Definition atleast1 (x : N) : positive := N.succ_pos (N.pred x).

(** The levels, as fractions. *)
Definition shares (h : header) : positive :=
  match h_scope h with Simultaneous => atleast1 (h_examples h) | Each => 1 end.
Definition bound_num (h : header) : N :=
  if h_method h is Selected then 99 * h_num h else h_num h.
Definition bound_den (h : header) : positive :=
  (h_den h * shares h * match h_method h with
   | Simuem => atleast1 (h_classes h)
   | CohenM => 2
   | Selected => if (h_classes h =? 2)%num then 100 else 200
   end)%positive.
Definition sign_den (h : header) : positive :=
  (h_den h * shares h * (100 * atleast1 (N.pred (h_classes h))))%positive.

Definition header_ok (h : header) : bool :=
  (0 <? h_examples h) && ((1 <? h_classes h) &&
    ((0 <? h_num h) && (h_num h <? Npos (h_den h)))).

Section Row.
Variable h : header.
Let V := h_models h.
Let d := h_grid h.

Definition bounds (x t : N) : bool :=
  BinTail.tail_at_most V x t d (bound_num h) (bound_den h).

(** The largest t from lo on and below hi that is a bound, if lo is and hi is not. *)
Fixpoint seek (fuel : nat) (x lo hi : N) : N :=
  if fuel is S rest then
    if hi <=? N.succ lo then lo else
    let mid := (lo + hi) / 2 in
    if bounds x mid then seek rest x mid hi else seek rest x lo mid
  else lo.
Definition find (x : N) : N := seek (Pos.size_nat d) x 0 (N.succ (Npos d)).

(** Whether t is the larger of lo and the bound of x. *)
Definition larger_test (x lo t : N) : bool :=
  if t =? lo then (lo =? Npos d) || negb (bounds x (N.succ lo))
  else (lo <? t) && BinTail.lower_test V x t d (bound_num h) (bound_den h).

(** Whether 1 - t / d is the upper bound p_s, beside the lower bound lo / d. *)
Definition rest_test (x lo t : N) : bool :=
  if h_method h is CohenM then t =? lo else larger_test x lo t.

Definition selects (top next : N) : bool :=
  if h_method h is Selected
  then BinTail.tail_at_most (top + next) top 1 2 (h_num h) (sign_den h) else true.

Definition judge (lo up : N) (stated : claim N) : bool :=
  Bin.check (h_attack h) (h_residual h) (h_n h) (h_k h) lo up d stated.

Definition accepts (xs : seq N) (r : row) : bool :=
  let top := largest xs in
  let label := place top xs in
  let next := largest (others label xs) in
  let abstains stated :=
    let lo := find top in
    let up := Npos d - (if h_method h is CohenM then lo else N.max lo (find (V - next))) in
    selects top next && judge lo up stated in
  match r with
  | Certificate l lo up rad w =>
      (l =? label) && (selects top next &&
        (BinTail.lower_test V top lo d (bound_num h) (bound_den h) &&
        ((up <=? Npos d) && (rest_test (V - next) lo (Npos d - up) &&
         judge lo up (Certified rad w)))))
  | Abstention Selection => negb (selects top next)
  | Abstention BoundsMeet => abstains AbstainBounds
  | Abstention GapLost => abstains AbstainResidual
  end.

End Row.
End BinRow.
