(** The radius: closed forms through integer roots, and bisection. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Rounding Attacks.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Closed forms through integer roots *)

(** [t] is the integer k-th root of [a]: the largest with [t ^ k <= a]. *)
Definition is_root (k : nat) (a : rat) (t : nat) : Prop :=
  (t ^ k)%:R <= a /\ a < (t.+1 ^ k)%:R.

Lemma lt_root k a t u : (0 < k)%N -> is_root k a t -> a < (u ^ k)%:R <-> (t < u)%N.
Proof.
move=> k_gt0 [le_ta lt_at]; split=> [lt_au|lt_tu].
  by have := le_lt_trans le_ta lt_au; rewrite ltr_nat ltn_exp2r.
by apply: lt_le_trans lt_at _; rewrite ler_nat leq_exp2r.
Qed.

Lemma root_unique k a t u : (0 < k)%N -> is_root k a t -> is_root k a u -> t = u.
Proof.
move=> k_gt0 rt ru; apply/eqP; rewrite eqn_leq.
have [_ lt_u] := ru; have [_ lt_t] := rt.
by move/(lt_root _ k_gt0 rt): lt_u; move/(lt_root _ k_gt0 ru): lt_t; rewrite !ltnS => -> ->.
Qed.

Lemma root_exists k (a : rat) : (0 < k)%N -> 0 <= a -> exists t, is_root k a t.
Proof.
move=> k_gt0 a_ge0; have ex0 : exists t, (t ^ k)%:R <= a by exists 0%N; rewrite exp0n.
have bound t : (t ^ k)%:R <= a -> (t <= Num.bound a)%N.
  move=> le_ta; have [->//|t_gt0] := posnP t; apply/ltnW.
  have : (t ^ k)%:R < (Num.bound a)%:R :> rat.
    exact: le_lt_trans le_ta (archi_boundP a_ge0).
  by rewrite ltr_nat; apply: leq_ltn_trans; rewrite -{1}(expn1 t) leq_pexp2l.
exists (ex_maxn ex0 bound); case: ex_maxnP => t le_ta max; split=> //.
by rewrite ltNge; apply/negP => /max; rewrite ltnn.
Qed.

(** Each condition says that [r] is at most one number, an integer root away from [n]. *)
Theorem modify_root k n r G t : (0 < k)%N -> 0 < G -> is_root k ((n ^ k)%:R - G / 2) t ->
  modify_ok k n r G <-> (r <= n - t.+1)%N.
Proof.
move=> k_gt0 G_gt0 rt.
have lt_tn : (t < n)%N.
  by apply/(lt_root _ k_gt0 rt); rewrite ltr_subl_addr ltr_addl divr_gt0.
rewrite leq_subRL // addSn addnC -ltn_subRL.
rewrite -(lt_root _ k_gt0 rt) modify_okE !natrM -mulrBr.
by rewrite mulrC -ltr_pdivl_mulr // ltr_subl_addr ltr_subl_addl addrC.
Qed.

Theorem delete_root k n r G t : (0 < k)%N -> 0 < G -> is_root k ((n ^ k)%:R - G) t ->
  delete_ok k n r G <-> (r <= n - t.+1)%N.
Proof.
move=> k_gt0 G_gt0 rt.
have lt_tn : (t < n)%N by apply/(lt_root _ k_gt0 rt); rewrite ltr_subl_addr ltr_addl.
rewrite leq_subRL // addSn addnC -ltn_subRL.
by rewrite -(lt_root _ k_gt0 rt) delete_okE ltr_subl_addr ltr_subl_addl addrC.
Qed.

Theorem insert_root k n r G t : (0 < k)%N -> 0 < G ->
  is_root k (ceilq ((n ^ k)%:R + G) - 1)%:~R t ->
  insert_ok k n r G <-> (r <= t - n)%N.
Proof.
move=> k_gt0 G_gt0 rt.
have le_root u : (u ^ k)%:R < (n ^ k)%:R + G <-> (u <= t)%N.
  rewrite lt_ceilq; split=> le_u.
    by rewrite leqNgt; apply/negP => /(lt_root _ k_gt0 rt); rewrite ltNge le_u.
  by rewrite leNgt; apply/negP => /(lt_root _ k_gt0 rt); rewrite ltnNge le_u.
have le_nt : (n <= t)%N by apply/le_root; rewrite ltr_addl.
by rewrite leq_subRL // -le_root insert_okE ltr_subl_addr addrC.
Qed.

(** * Bisection *)

(** Algorithm 1's search between [lo], where [P] holds, and [hi], where it does not. *)
Fixpoint bisect (P : nat -> bool) (fuel lo hi : nat) : nat :=
  if fuel is fuel'.+1 then
    if (lo.+1 < hi)%N then
      let mid := ((lo + hi) %/ 2)%N in
      if P mid then bisect P fuel' mid hi else bisect P fuel' lo mid
    else lo
  else lo.

(** With as many steps as there are candidates it returns the largest. *)
Theorem bisect_largest (P : nat -> bool) fuel lo hi :
  (forall r s, (r <= s)%N -> P s -> P r) -> P lo -> ~~ P hi -> (hi <= lo + fuel)%N ->
  forall r, P r = (r <= bisect P fuel lo hi)%N.
Proof.
move=> mono; elim: fuel lo hi => [|fuel IH] lo hi P_lo notP_hi le_fuel r /=.
  by case/negP: notP_hi; apply: mono P_lo; rewrite addn0 in le_fuel.
have lt_lohi : (lo < hi)%N by rewrite ltnNge; apply/negP => /mono /(_ P_lo); apply/negP.
case: ifP => [lt1|/negbT].
  set mid := (_ %/ 2)%N.
  have [lo_mid mid_hi] : (lo < mid /\ mid < hi)%N.
    by split; rewrite /mid ?leq_divRL // ?ltn_divLR //; nat_lia.
  case: ifP => [P_mid|/negbT notP_mid]; apply: IH => //.
    by apply: leq_trans le_fuel _; rewrite addnS -addSn leq_add2r.
  by rewrite -ltnS -addnS; apply: leq_trans mid_hi le_fuel.
rewrite -leqNgt => le1; have eq_hi : hi = lo.+1 by apply/eqP; rewrite eqn_leq le1.
apply/idP/idP => [P_r|le_r]; last exact: mono P_lo.
by rewrite -ltnS -eq_hi ltnNge; apply/negP => /mono /(_ P_r); apply/negP.
Qed.

(** (4) as a computation: every size that the budget allows is tried. *)
Definition holdsb k n r (G : rat) : bool :=
  [forall n' : 'I_(n + r).+1, (0 < n')%N ==> (n <= n' + r)%N ==> (margin k n n' r G < 0)].

Lemma holdsP k n r G : reflect (holds k n r G) (holdsb k n r G).
Proof.
apply: (iffP forallP) => [hG n' n'_gt0 le1 le2 | hG n'].
  have lt_n' : (n' < (n + r).+1)%N by [].
  by have /implyP /(_ n'_gt0) /implyP /(_ le1) := hG (Ordinal lt_n').
by apply/implyP => n'_gt0; apply/implyP => le1; apply: hG => //; rewrite -ltnS.
Qed.

(** The radius exists, lies below [n], and bisection finds it. *)
Theorem radius_largest k n G : (0 < k)%N -> (0 < n)%N -> 0 < G -> G <= (n ^ k)%:R ->
  let R := bisect (fun r => holdsb k n r G) n 0 n in
  (R < n)%N /\ forall r, holds k n r G <-> (r <= R)%N.
Proof.
move=> k_gt0 n_gt0 G_gt0 le_G R.
have ok0 : holds k n 0 G.
  by apply/holds_modify => //; apply/modify_okE; rewrite subn0 subrr.
have not_n : ~ holds k n n G.
  move=> /holds_modify => /(_ n_gt0 le_G) /modify_okE; rewrite subnn exp0n // muln0 subr0.
  move=> /lt_le_trans /(_ le_G); rewrite ltr_nat.
  by rewrite mul2n -addnn -{3}(addn0 (n ^ k)%N) ltn_add2l.
have bis r : holdsb k n r G = (r <= R)%N.
  apply: (@bisect_largest (fun s => holdsb k n s G) n 0 n); rewrite ?add0n //; [|exact/holdsP|exact/holdsP].
  by move=> r1 s le_rs /holdsP hs; apply/holdsP; apply: holds_mono hs.
split=> [|r]; last by rewrite -bis; apply: rwP (holdsP k n r G).
by rewrite ltnNge -bis; apply/holdsP.
Qed.
