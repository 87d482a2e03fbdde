(** Which attack is worst: about the integers in (4), no learner occurs. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Powers.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

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
