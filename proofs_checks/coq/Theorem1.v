(** Theorem 1 for randomised learners, without residuals; then with the paper's
    residuals, and for deterministic learners with integral masses. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Rounding Counting.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Theorem1.
Variables (X : Type) (k c : nat).
Implicit Types (A : learner X k c) (l : 'I_c).

(** What a pair of bounds is used for: label [l] leads by [G] lists on D. *)
Definition leads A n (D : 'I_n -> X) l (G : rat) : Prop :=
  is_learner A /\ forall j, j != l -> G <= mass A D l - mass A D j.

(** On one data set, masses compare as probabilities do. *)
Lemma predicts_mass A n (D : 'I_n -> X) l :
  (forall j, j != l -> mass A D j < mass A D l) -> predicts A D l.
Proof.
move=> lt_mass j j_l; have := lt_mass j j_l; rewrite !massE.
have [->|nk_neq0] := eqVneq (n ^ k)%N 0%N; first by rewrite !mulr0 ltxx.
by rewrite ltr_pmul2r // ltr0n lt0n.
Qed.

(** The kernel: a lead outweighs what leaves the shared part, once on each side. *)
Lemma leads_share A n n' m (D : 'I_n -> X) (D' : 'I_n' -> X) l G :
  leads A D l G -> share D D' m ->
  (n' ^ k)%:R - 2 * (m ^ k)%:R + (n ^ k)%:R - G < 0 -> predicts A D' l.
Proof.
case=> lA leG sh cond; apply: predicts_mass => j j_l.
have lo := transfer_lower l lA sh; have up := transfer_upper j lA sh.
apply: le_lt_trans up _; apply: lt_le_trans lo.
rewrite -subr_lt0; apply: le_lt_trans cond.
have leGj := leG j j_l; rewrite -subr_ge0 in leGj.
by apply: (le_by leGj); rat_ring.
Qed.

(** The least overlap is the worst. *)
Lemma leads_kept A n n' r m (D : 'I_n -> X) (D' : 'I_n' -> X) l G :
  leads A D l G -> share D D' m -> (kept n n' r <= m)%N -> margin k n n' r G < 0 ->
  predicts A D' l.
Proof.
move=> lG sh /(leq_pow k); rewrite -(ler_nat rat_numDomainType) -subr_ge0 => le_m cond.
apply: (leads_share lG sh); apply: le_lt_trans cond.
by apply: (le_by (addr_ge0 le_m le_m)); rewrite /margin; rat_ring.
Qed.

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

Lemma leads_holds A n (D : 'I_n -> X) l G r : leads A D l G -> holds k n r G ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof.
move=> lG hG n' D' /poisoned_kept [m [sh le_m n'_gt0 le1 le2]].
by apply: (leads_kept lG sh le_m); apply: hG.
Qed.

(** Bounds on the label probabilities give a lead, without any rounding. *)
Lemma bounded_leads A n (D : 'I_n -> X) l pl ps :
  is_learner A -> bounded A D l pl ps -> leads A D l (gap k n pl ps).
Proof.
move=> lA [ge_pl le_ps]; split=> // j j_l.
have nk_ge0 : 0 <= (n ^ k)%:R :> rat by rewrite ler0n.
by rewrite !massE /gap mulrBl ler_sub // ler_wpmul2r // le_ps.
Qed.

Lemma bounded_leads_paper A n (D : 'I_n -> X) l pl ps :
  is_learner A -> bounded A D l pl ps -> leads A D l (gap_paper k n pl ps).
Proof.
move=> lA bD; have [_ leG] := bounded_leads lA bD; split=> // j j_l.
by apply: le_trans (gap_paper_le _ _ _ _) (leG j j_l).
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

Lemma bounded_leads_integral A n (D : 'I_n -> X) l pl ps :
  deterministic A -> bounded A D l pl ps -> leads A D l (gap_integral k n pl ps).
Proof.
move=> dA [ge_pl le_ps]; split; first exact: deterministic_learner.
have nk_ge0 : 0 <= (n ^ k)%:R :> rat by rewrite ler0n.
move=> j j_l; have := ler_wpmul2r nk_ge0 ge_pl; have := ler_wpmul2r nk_ge0 (le_ps j j_l).
rewrite -!massE !deterministic_mass // !pmulrn => /floorq_ge le_j /ceilq_le le_l.
by rewrite /gap_integral rmorphB ler_sub // ler_int.
Qed.

(** Theorem 1, with the gap that suits the learner. *)
Theorem no_residual A n (D : 'I_n -> X) l pl ps r :
  is_learner A -> bounded A D l pl ps -> holds k n r (gap k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. by move=> lA /(bounded_leads lA); apply: leads_holds. Qed.

Theorem paper_residual A n (D : 'I_n -> X) l pl ps r :
  is_learner A -> bounded A D l pl ps -> holds k n r (gap_paper k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. by move=> lA /(bounded_leads_paper lA); apply: leads_holds. Qed.

Theorem integral A n (D : 'I_n -> X) l pl ps r :
  deterministic A -> bounded A D l pl ps -> holds k n r (gap_integral k n pl ps) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. by move=> dA /(bounded_leads_integral dA); apply: leads_holds. Qed.

End Theorem1.
