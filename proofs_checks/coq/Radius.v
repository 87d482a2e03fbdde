(** Which attack is worst, and the radius: everything here is about the integers in (4),
    and no learner occurs. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Powers of integers *)

(** [b -> (b + t) / b] falls: adding the same [t] matters less to the larger base. *)
Lemma pow_ratio k (a b t : nat) : (b <= a)%N ->
  ((a + t) ^ k * b ^ k <= (b + t) ^ k * a ^ k)%N.
Proof.
move=> le_ba; rewrite -!expnMn; apply: leq_pow.
by rewrite !mulnDl leq_add ?leq_mul2l ?le_ba ?orbT // mulnC.
Qed.

(** The step from [n' = n] to [n' = n + t], with [a = n] and [b = n - r]. *)
Lemma pow_shift k (a b t : nat) : (b <= a)%N -> (a ^ k <= 2 * b ^ k)%N ->
  ((a + t) ^ k + 2 * b ^ k <= a ^ k + 2 * (b + t) ^ k)%N.
Proof.
move=> le_ba; have [a0|a_gt0] := posnP (a ^ k).
  move/eqP: (a0); rewrite expn_eq0 => /andP [/eqP a_eq0 k_gt0] _.
  have b_eq0 : b = 0%N by apply/eqP; rewrite -leqn0 -a_eq0.
  by rewrite a_eq0 b_eq0 exp0n // !add0n muln0 addn0 leq_pmull.
have := pow_ratio k t le_ba; have := leq_pow k (leq_addr t a).
move: ((a + t) ^ k)%N ((b + t) ^ k)%N (a ^ k)%N (b ^ k)%N a_gt0 => a' b' {le_ba}a {}b.
move=> a_gt0 le_aa' ratio le_a2b; rewrite -(leq_pmul2l a_gt0).
move: a_gt0 le_aa' ratio le_a2b; nat_nia.
Qed.

(** Powers are convex. Truncated subtraction only helps. *)
Lemma pow_convex k (n r : nat) : (2 * n ^ k <= (n + r) ^ k + (n - r) ^ k)%N.
Proof.
have [le_rn|/ltnW le_nr] := leqP r n; last first.
  case: k => [|k] //; rewrite (eqP (_ : n - r == 0)%N) ?subn_eq0 // exp0n // addn0.
  apply: (@leq_trans ((2 * n) ^ k.+1)); last by rewrite leq_pow // mul2n -addnn leq_add2l.
  by rewrite expnMn leq_mul // expnS leq_pmulr // expn_gt0.
elim: k => // k; rewrite !expnS.
have := leq_pow k (leq_trans (leq_subr r n) (leq_addr r n)).
have : (n - r + r = n)%N by rewrite subnK.
move: (n - r)%N ((n + r) ^ k)%N ((n - r) ^ k)%N (n ^ k)%N => m p q s eq_n le_qp IH.
move: eq_n le_qp IH; nat_nia.
Qed.

Lemma pow_gt0 k (n : nat) : (0 < n)%N -> (0 < n ^ k)%N.
Proof. by rewrite expn_gt0 => ->. Qed.

(** * The conditions of the four attacks *)

Definition modify_ok k n r (G : rat) : Prop := margin k n n r G < 0.
Definition delete_ok k n r (G : rat) : Prop := margin k n (n - r) r G < 0.
Definition insert_ok k n r (G : rat) : Prop := margin k n (n + r) r G < 0.

(** The same in whole numbers of lists: what an attack takes away is less than [G]. *)
Lemma modify_okE k n r G :
  modify_ok k n r G <-> (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < G.
Proof.
rewrite /modify_ok /margin /kept maxnn !natrM -[_ < G]subr_lt0.
by rewrite (_ : _ - G = 2%:R * (n ^ k)%:R - 2%:R * ((n - r) ^ k)%:R - G) //; rat_ring.
Qed.

Lemma delete_okE k n r G :
  delete_ok k n r G <-> (n ^ k)%:R - ((n - r) ^ k)%:R < G.
Proof.
rewrite /delete_ok /margin /kept (maxn_idPl (leq_subr r n)) -[_ < G]subr_lt0.
by rewrite (_ : _ - G = (n ^ k)%:R - ((n - r) ^ k)%:R - G) //; rat_ring.
Qed.

Lemma insert_okE k n r G :
  insert_ok k n r G <-> ((n + r) ^ k)%:R - (n ^ k)%:R < G.
Proof.
rewrite /insert_ok /margin /kept (maxn_idPr (leq_addr r n)) addnK -[_ < G]subr_lt0.
by rewrite (_ : _ - G = ((n + r) ^ k)%:R - (n ^ k)%:R - G) //; rat_ring.
Qed.

(** The margin at one size depends on [n'] through the larger of the two sizes alone,
    and smaller sets than [n] are dominated by [n' = n]. *)
Lemma margin_small k n n' r G : (n' <= n)%N -> margin k n n' r G <= margin k n n r G.
Proof.
move=> le_n'n; rewrite /margin /kept (maxn_idPl le_n'n) maxnn.
by rewrite !ler_add2r ler_nat leq_pow.
Qed.

(** A smaller budget leaves a larger overlap. *)
Lemma margin_mono k n n' r s G : (r <= s)%N -> margin k n n' r G <= margin k n n' s G.
Proof.
move=> le_rs; have le_k : (kept n n' s ^ k <= kept n n' r ^ k)%N.
  by apply: leq_pow; apply: leq_sub2l.
rewrite -(ler_nat rat_numDomainType) -subr_ge0 in le_k.
by apply: (le_by (addr_ge0 le_k le_k)); rewrite /margin; rat_ring.
Qed.

Lemma holds_mono k n r s G : (r <= s)%N -> holds k n s G -> holds k n r G.
Proof.
move=> le_rs hG n' n'_gt0 le1 le2; apply: le_lt_trans (margin_mono k n n' G le_rs) _.
by apply: hG => //; [apply: leq_trans le1 _ | apply: leq_trans le2 _]; rewrite leq_add2l.
Qed.

Lemma modify_mono k n r s G : (r <= s)%N -> modify_ok k n s G -> modify_ok k n r G.
Proof. by move=> le_rs; apply: le_lt_trans; apply: margin_mono. Qed.

(** * Modification is the worst attack *)

(** If modification is survived then more than half of the lists avoid the attack. *)
Lemma modify_half k n r G : G <= (n ^ k)%:R -> modify_ok k n r G ->
  (n ^ k <= 2 * (n - r) ^ k)%N.
Proof.
move=> le_G /modify_okE /lt_le_trans /(_ le_G); rewrite ltr_subl_addr -natrD ltr_nat.
by move: (n ^ k)%N ((n - r) ^ k)%N => a b; nat_lia.
Qed.

Lemma modify_le k n r G : G <= (n ^ k)%:R -> modify_ok k n r G -> (k == 0%N) || (r <= n)%N.
Proof.
move=> le_G /modify_okE /lt_le_trans /(_ le_G); case: k {le_G} => // k.
have [//|/ltnW] := leqP r n; rewrite -subn_eq0 => /eqP ->.
by rewrite exp0n // muln0 subr0 ltr_nat ltnNge leq_pmull.
Qed.

Lemma modify_size k n r t G : G <= (n ^ k)%:R -> modify_ok k n r G ->
  margin k n (n + t) r G < 0.
Proof.
move=> le_G ok; have half := modify_half le_G ok; have le_rn := modify_le le_G ok.
apply: le_lt_trans ok.
rewrite /margin /kept maxnn (maxn_idPr (leq_addr t n)).
have shift := pow_shift t (leq_subr r n) half.
have le_kept : ((n - r + t) ^ k <= (n + t - r) ^ k)%N.
  by case/orP: le_rn => [/eqP ->|le_rn] //; rewrite leq_pow // addnBAC.
move: shift le_kept.
move: ((n + t) ^ k)%N (n ^ k)%N ((n - r) ^ k)%N ((n - r + t) ^ k)%N ((n + t - r) ^ k)%N.
move=> a' a b b' d shift le_d; have : (a' + 2 * b <= a + 2 * d)%N by nat_lia.
rewrite !mul2n -!addnn -(ler_nat rat_numDomainType) !natrD -subr_ge0 => le_sum.
by apply: (le_by le_sum); rat_ring.
Qed.

(** Corollary 1's condition is (4): one inequality instead of one for every [n']. *)
Theorem holds_modify k n r G : (0 < n)%N -> G <= (n ^ k)%:R ->
  holds k n r G <-> modify_ok k n r G.
Proof.
move=> n_gt0 le_G; split=> [hG|ok n' n'_gt0 le1 le2]; first by apply: hG; rewrite ?leq_addr.
have [le_n'n|/ltnW le_nn'] := leqP n' n; first exact: le_lt_trans (margin_small _ _ _ le_n'n) ok.
by rewrite -(subnKC le_nn'); apply: modify_size.
Qed.

Theorem modify_insert k n r G : G <= (n ^ k)%:R -> modify_ok k n r G -> insert_ok k n r G.
Proof. exact: modify_size. Qed.

Theorem insert_delete k n r G : insert_ok k n r G -> delete_ok k n r G.
Proof.
move=> /insert_okE ok; apply/delete_okE; apply: le_lt_trans ok.
have := pow_convex k n r; rewrite mul2n -addnn -(ler_nat rat_numDomainType) !natrD -subr_ge0 => conv.
by apply: (le_by conv); rat_ring.
Qed.

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

(** Corollaries 1-3: the largest [r] is [n - 1 - t], [n - 1 - t], and [t - 1 - n] ... *)
Theorem modify_root k n r G t : (0 < k)%N -> is_root k ((n ^ k)%:R - G / 2) t ->
  modify_ok k n r G <-> (t < n - r)%N.
Proof.
move=> k_gt0 rt; rewrite -(lt_root _ k_gt0 rt) modify_okE !natrM -mulrBr.
by rewrite mulrC -ltr_pdivl_mulr // ltr_subl_addr ltr_subl_addl addrC.
Qed.

Theorem delete_root k n r G t : (0 < k)%N -> is_root k ((n ^ k)%:R - G) t ->
  delete_ok k n r G <-> (t < n - r)%N.
Proof.
move=> k_gt0 rt; rewrite -(lt_root _ k_gt0 rt) delete_okE.
by rewrite ltr_subl_addr ltr_subl_addl addrC.
Qed.
