(** Corollaries 1-3: each attack's own inequality implies the prediction. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Theorem1 Attacks.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Corollaries.
Variables (X : Type) (k c n r : nat) (A : learner X k c) (D : 'I_n -> X) (l : 'I_c) (G : rat).
Hypothesis lG : leads A D l G.

Theorem leads_modify : modify_ok k n r G ->
  forall D' : 'I_n -> X, modified r D D' -> predicts A D' l.
Proof.
move=> ok D' [m [sh le_n]]; apply: (leads_kept lG sh _ ok).
by rewrite /kept maxnn leq_subLR addnC.
Qed.

(** Fewer deletions than [r] leave more, so that the condition at [r] covers them. *)
Theorem leads_delete : delete_ok k n r G ->
  forall n' (D' : 'I_n' -> X), deleted r D D' -> predicts A D' l.
Proof.
move=> /delete_okE ok n' D' [_ [sh le_n]]; apply: (leads_share lG sh).
have : ((n - r) ^ k <= n' ^ k)%N by rewrite leq_pow // leq_subLR addnC.
rewrite -(ler_nat rat_numDomainType) -subr_ge0 => le_k; rewrite -subr_lt0 in ok.
by apply: le_lt_trans ok; apply: (le_by le_k); rat_ring.
Qed.

Theorem leads_insert : insert_ok k n r G ->
  forall n' (D' : 'I_n' -> X), inserted r D D' -> predicts A D' l.
Proof.
move=> /insert_okE ok n' D' [sh le_n']; apply: (leads_share lG sh).
have := leq_pow k le_n'.
rewrite -(ler_nat rat_numDomainType) -subr_ge0 => le_k; rewrite -subr_lt0 in ok.
by apply: le_lt_trans ok; apply: (le_by le_k); rat_ring.
Qed.

(** Corollary 1's inequality is enough for every attack. *)
Theorem leads_any : (0 < n)%N -> G <= (n ^ k)%:R -> modify_ok k n r G ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. by move=> n_gt0 le_G /(holds_modify _ n_gt0 le_G); apply: leads_holds. Qed.

End Corollaries.

(** Single attacks are attacks in the sense of (1). *)
Section Kinds.
Variables (X : Type) (r n n' : nat).

Lemma modified_poisoned (D D' : 'I_n -> X) : (0 < n)%N -> modified r D D' -> poisoned r D D'.
Proof. by move=> n_gt0 [m [sh le_n]]; split=> //; exists m; rewrite maxnn. Qed.

Lemma deleted_poisoned (D : 'I_n -> X) (D' : 'I_n' -> X) : deleted r D D' -> poisoned r D D'.
Proof.
case=> n'_gt0 [sh le_n]; split=> //; exists n'.
by rewrite geq_max le_n leq_addr.
Qed.

Lemma inserted_poisoned (D : 'I_n -> X) (D' : 'I_n' -> X) :
  (0 < n)%N -> inserted r D D' -> poisoned r D D'.
Proof.
move=> n_gt0 [sh le_n']; split; first exact: leq_trans n_gt0 (share_leqr sh).
by exists n; rewrite geq_max le_n' leq_addr.
Qed.

End Kinds.
