(** The certificate checker: binary integers only, no subtraction below zero, no root.

    The bounds are p_l = A / d and p_s = B / d. [checker_sound] and [checker_complete] in
    Checked.v say that it answers [true] exactly on the true claims of [Claims.true_claim]. *)
From Coq Require Import PArith NArith Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Rounding Theorem1 Neighbours Claims.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** ** The program *)
Module Bin.
Local Open Scope N_scope.

(** (s, low, high) with G = (low - high) / s, out of M = n^k. *)
Definition scaled (e : residual) (M A B d : N) : N * N * N :=
  let up x := (x + N.pred d) / d in
  match e with
  | Paper => (1, A * M / d, up (B * M))
  | NoResidual => (d, A * M, B * M)
  | Integral => (1, up (A * M), B * M / d)
  end.

(** (4) out of the powers: M = n^k, X of the size, K of the number kept. *)
Definition fits (s low high M X K : N) : bool :=
  s * (X + M) + high <? 2 * (s * K) + low.

Definition fits_at (a : attack) (k s low high M n r : N) : bool :=
  match a with
  | Any | Modify => fits s low high M M ((n - r) ^ k)
  | Delete => let K := (n - r) ^ k in fits s low high M K K
  | Insert => fits s low high M ((n + r) ^ k) M
  end.

Definition feasible (a : attack) (n r : N) : bool :=
  match a with Delete => r <? n | _ => true end.

Definition radius_test (a : attack) (k s low high M n r : N) : bool :=
  feasible a n r && (fits_at a k s low high M n r &&
    negb (feasible a n (N.succ r) && fits_at a k s low high M n (N.succ r))).

Definition rises (k r x : N) : bool :=
  x ^ k + 2 * (N.succ x - r) ^ k <? N.succ x ^ k + 2 * (x - r) ^ k.

Definition peak (k n r w : N) : bool :=
  (n <=? w) && ((w <=? n + r) && (((w =? n) || rises k r (N.pred w)) &&
    ((w =? n + r) || negb (rises k r w)))).

Definition worst_test (a : attack) (k n r : N) (worst : option N) : bool :=
  match worst with
  | Some w =>
      match a with
      | Any => peak k n r w
      | Modify => w =? n
      | Delete => (0 <? w) && (w + r =? n)
      | Insert => w =? n + r
      end
  | None => negb (feasible a n r)
  end.

Definition check (a : attack) (e : residual) (n k A B : N) (d : positive)
    (stated : claim N) : bool :=
  (0 <? n) && ((0 <? k) && ((A <=? Npos d) && ((B <=? Npos d) &&
  match stated with
  | AbstainBounds => A <=? B
  | AbstainResidual =>
      (B <? A) && (let '(s, low, high) := scaled e (n ^ k) A B (Npos d) in low <=? high)
  | Certified r worst =>
      (B <? A) && (worst_test a k n (N.succ r) worst &&
        (let M := n ^ k in
         let '(s, low, high) := scaled e M A B (Npos d) in
         radius_test a k s low high M n r))
  end))).

End Bin.

(** ** The same over [nat] *)

Definition claim_nat (stated : claim N) : claim nat :=
  match stated with
  | Certified r worst => Certified (N.to_nat r) (omap N.to_nat worst)
  | AbstainBounds => AbstainBounds
  | AbstainResidual => AbstainResidual
  end.

Definition scaled (e : residual) (M A B d : nat) : nat * nat * nat :=
  let up x := (x + d.-1) %/ d in
  match e with
  | Paper => (1, A * M %/ d, up (B * M))
  | NoResidual => (d, A * M, B * M)
  | Integral => (1, up (A * M), B * M %/ d)
  end.

Definition check (a : attack) (e : residual) (n k A B d : nat) (stated : claim nat) : bool :=
  [&& 0 < n, 0 < k, A <= d, B <= d &
  match stated with
  | AbstainBounds => A <= B
  | AbstainResidual =>
      (B < A) && (let '(s, low, high) := scaled e (n ^ k) A B d in low <= high)
  | Certified r worst =>
      [&& B < A, worst_test a k n r.+1 worst &
        (let '(s, low, high) := scaled e (n ^ k) A B d in radius_test a k s low high n r)]
  end].

Section Binary.

Lemma addE x y : N.to_nat (x + y) = N.to_nat x + N.to_nat y.
Proof. exact: N2Nat.inj_add. Qed.

Lemma mulE x y : N.to_nat (x * y) = N.to_nat x * N.to_nat y.
Proof. exact: N2Nat.inj_mul. Qed.

Lemma subE x y : N.to_nat (x - y) = N.to_nat x - N.to_nat y.
Proof. exact: N2Nat.inj_sub. Qed.

Lemma succE x : N.to_nat (N.succ x) = (N.to_nat x).+1.
Proof. exact: N2Nat.inj_succ. Qed.

Lemma predE x : N.to_nat (N.pred x) = (N.to_nat x).-1.
Proof. by rewrite N2Nat.inj_pred -subn1. Qed.

Lemma powE x k : N.to_nat (x ^ k) = N.to_nat x ^ N.to_nat k.
Proof.
rewrite N2Nat.inj_pow; elim: (N.to_nat k) => // e IH.
by rewrite expnS -IH.
Qed.

Lemma divE x y : N.to_nat (x / y) = N.to_nat x %/ N.to_nat y.
Proof.
case: y => [|d]; first by rewrite divn0; case: x.
have d_gt0 : 0 < N.to_nat (Npos d) by apply/ltP/Pos2Nat.is_pos.
have := N.div_mod x (Npos d); have := N.mod_lt x (Npos d).
set q := (_ / _)%num; set m := (_ mod _)%num => lt eq.
have {}lt : N.to_nat m < N.to_nat (Npos d) by apply/ltP; lia.
rewrite eq // addE mulE mulnC divnMDl // divn_small // addn0 //.
Qed.

Lemma ltbE x y : (x <? y)%num = (N.to_nat x < N.to_nat y).
Proof. by apply/N.ltb_spec0/ltP; lia. Qed.

Lemma lebE x y : (x <=? y)%num = (N.to_nat x <= N.to_nat y).
Proof. by apply/N.leb_spec0/leP; lia. Qed.

Lemma eqbE x y : (x =? y)%num = (N.to_nat x == N.to_nat y).
Proof. by apply/N.eqb_spec/eqP; lia. Qed.

Definition binE := (addE, mulE, subE, succE, predE, powE, divE, ltbE, lebE, eqbE).

Lemma fitsE k s low high n x m :
  Bin.fits s low high (n ^ k) (x ^ k) (m ^ k) =
  fits (N.to_nat k) (N.to_nat s) (N.to_nat low) (N.to_nat high) (N.to_nat n)
    (N.to_nat x) (N.to_nat m).
Proof. by rewrite /Bin.fits /fits !binE. Qed.

Lemma fits_atE a k s low high n r :
  Bin.fits_at a k s low high (n ^ k) n r =
  fits_at a (N.to_nat k) (N.to_nat s) (N.to_nat low) (N.to_nat high) (N.to_nat n) (N.to_nat r).
Proof.
rewrite /Bin.fits_at /fits_at; case: a; rewrite fitsE ?binE /=.
- by rewrite kept_small.
- by rewrite kept_small.
- by rewrite kept_small ?leq_subr.
- by rewrite kept_large ?leq_addr // addnK.
Qed.

Lemma feasibleE a n r : Bin.feasible a n r = feasible a (N.to_nat n) (N.to_nat r).
Proof. by case: a; rewrite /= ?binE. Qed.

Lemma radius_testE a k s low high n r :
  Bin.radius_test a k s low high (n ^ k) n r =
  radius_test a (N.to_nat k) (N.to_nat s) (N.to_nat low) (N.to_nat high) (N.to_nat n)
    (N.to_nat r).
Proof. by rewrite /Bin.radius_test /radius_test !fits_atE !feasibleE !binE implybE negb_and. Qed.

Lemma worst_testE a k n r worst :
  Bin.worst_test a k n r worst =
  worst_test a (N.to_nat k) (N.to_nat n) (N.to_nat r) (omap N.to_nat worst).
Proof.
case: worst => [w|] /=; last by rewrite feasibleE.
by case: a; rewrite /= /Bin.peak /peak /Bin.rises /rises ?binE.
Qed.

Lemma scaledE e M A B d :
  let '(s, low, high) := Bin.scaled e M A B d in
  scaled e (N.to_nat M) (N.to_nat A) (N.to_nat B) (N.to_nat d) =
  (N.to_nat s, N.to_nat low, N.to_nat high).
Proof. by case: e; rewrite /= ?binE. Qed.

Lemma checkE a e n k A B d stated :
  Bin.check a e n k A B d stated =
  check a e (N.to_nat n) (N.to_nat k) (N.to_nat A) (N.to_nat B) (Pos.to_nat d)
    (claim_nat stated).
Proof.
rewrite /Bin.check /check !binE /=; have := scaledE e (n ^ k) A B (Npos d).
case: (Bin.scaled _ _ _ _ _) => [[s low] high]; rewrite powE => /= ->.
by case: stated => [r w | |] /=; rewrite ?binE ?worst_testE ?radius_testE ?binE.
Qed.

End Binary.
