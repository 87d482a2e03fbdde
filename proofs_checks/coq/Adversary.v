(** The learner A* of Theorem 2 and the data set that breaks it.

    D has [m] examples that stay and [e] that go; D' has the [m] and [d] new ones.
    A* sees the values of a list and nothing else: a list within the shared part is
    answered by its rank, one that leaves it within D by [out], any other by [out']. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Linear.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** A probability distribution on the labels. *)
Definition dist c (q : 'I_c -> rat) : Prop := (forall j, 0 <= q j) /\ \sum_j q j = 1.

Lemma dist_point c (l : 'I_c) : dist (fun j => (l == j)%:R).
Proof.
split=> [j|]; rewrite ?ler0n // (bigD1 l) //= eqxx big1 ?addr0 // => j.
by rewrite eq_sym => /negPf ->.
Qed.

(** The labels besides [l] and [s]. *)
Definition others c (l s : 'I_c) := [pred j : 'I_c | (j != l) && (j != s)].

Lemma card_others c (l s : 'I_c) : l != s -> (2 <= c)%N /\ #|others l s| = (c - 2)%N.
Proof.
move=> neq_ls; split; first by have := max_card (mem [set l; s]); rewrite cards2 neq_ls card_ord.
have -> : #|others l s| = #|~: [set l; s]| by apply: eq_card => j; rewrite !inE negb_or.
by rewrite cardsCs setCK cards2 neq_ls card_ord.
Qed.

(** A total is dealt to the labels: [a] to [l], [b] to [s], at most [b] to the others. *)
Lemma deal c (l s : 'I_c) (a b total : rat) :
  l != s -> 0 <= a -> 0 <= b -> a + b <= total -> total <= a + (c%:R - 1) * b ->
  exists q : 'I_c -> rat, [/\ forall j, 0 <= q j, \sum_j q j = total, q l = a, q s = b
                            & forall j, j != l -> q j <= b].
Proof.
move=> neq_ls a_ge0 b_ge0 lo hi; have neq_sl : s != l by rewrite eq_sym.
have [c_ge2 card_c] := card_others neq_ls.
pose left := total - a - b; pose x := left / (c - 2)%:R.
have left_ge0 : 0 <= left by rewrite /left -addrA -opprD subr_ge0.
have left_le : left <= (c - 2)%:R * b.
  apply: (le_by1 hi); rewrite natrB //.
  by rewrite /left; move: (c%:R) => C; rat_ring.
have x_ge0 : 0 <= x by rewrite /x mulr_ge0 // invr_ge0 ler0n.
have [c2|c_neq2] := eqVneq (c - 2)%N 0%N.
  exists (fun j => if j == l then a else b); split=> [j||||j /negPf ->] //.
  - by case: ifP.
  - have left0 : left = 0 by apply/eqP; rewrite eq_le left_ge0 andbT (le_trans left_le) // c2 mul0r.
    rewrite (bigD1 l) //= eqxx (bigD1 s) //= (negPf neq_sl) big_pred0 => [|j].
      by apply/eqP; rewrite addr0 -subr_eq0 -oppr_eq0 !opprD opprK addrC addrA -/left left0.
    by have /card0_eq /(_ j) := etrans card_c c2.
  - by rewrite eqxx.
  - by rewrite (negPf neq_sl).
have c2_gt0 : 0 < (c - 2)%:R :> rat by rewrite ltr0n lt0n.
exists (fun j => if j == l then a else if j == s then b else x); split=> [j||||j /negPf ->] //.
- by case: ifP => // _; case: ifP.
- rewrite (bigD1 l) //= eqxx (bigD1 s) //= (negPf neq_sl) eqxx.
  rewrite (eq_bigr (fun=> x)) => [|j /andP [/negPf -> /negPf ->] //].
  rewrite sumr_const card_c -mulr_natr /x divfK ?gt_eqF //.
  by rewrite /left; rat_ring.
- by rewrite eqxx.
- by rewrite (negPf neq_sl) eqxx.
- by case: ifP => // _; rewrite /x ler_pdivr_mulr // mulrC.
Qed.

Section Split.
Variables (X : Type) (k c m d : nat) (H : 'I_(m + d) -> X).

Let lift (v : lists k m) : lists k (m + d) := [ffun i => lshift d (v i)].

Let lift_inj : injective lift.
Proof.
by move=> v w /ffunP eq_vw; apply/ffunP => i; have := eq_vw i; rewrite !ffunE => /lshift_inj.
Qed.

(** The list draws from the first [m] examples alone. *)
Definition low (w : lists k (m + d)) := [forall i, (w i < m)%N].

Let lowE w : low w = (w \in lift @: setT).
Proof.
apply/forallP/imsetP => [lt_m|[v _ -> i]]; last by rewrite ffunE /= ltn_ord.
exists [ffun i => Ordinal (lt_m i)] => //.
by apply/ffunP => i; rewrite !ffunE; apply: val_inj.
Qed.

Lemma mass_low (A : learner X k c) j :
  mass A H j = mass A (H \o lshift d) j + \sum_(w | ~~ low w) A (drawn H w) j.
Proof.
rewrite {1}/mass (bigID low) /=; congr (_ + _); rewrite (eq_bigl _ _ lowE).
rewrite big_imset /=; last by move=> v w _ _; apply: lift_inj.
rewrite (eq_bigl xpredT) => [|v]; last by rewrite inE.
apply: eq_bigr => v _; congr (A _ j).
by apply: eq_from_tnth => i; rewrite !tnth_mktuple ffunE.
Qed.

Lemma drawn_inj n (K : 'I_n -> X) : injective K -> injective (drawn (k := k) K).
Proof.
move=> K_inj v w eq_vw; apply/ffunP => i; apply: K_inj.
by have := congr1 (fun t => tnth t i) eq_vw; rewrite !tnth_mktuple.
Qed.

End Split.

(** [(m + d)^k - m^k] lists leave the first [m] examples. *)
Lemma sum_high k m d (x : rat) :
  \sum_(w : lists k (m + d) | ~~ low w) x = (((m + d) ^ k)%:R - (m ^ k)%:R) * x.
Proof.
have := @mass_low unit k 1 m d (fun=> tt) (fun _ _ => x) ord0.
rewrite /mass !sumr_const !card_lists => all_lists.
by rewrite mulrBl !mulr_natl all_lists addrC addKr.
Qed.

Section Construction.
Variables (X : eqType) (k c m e d : nat) (D : 'I_(m + e) -> X) (fresh : 'I_d -> X).
Hypotheses (D_inj : injective D) (new : forall i j, fresh i != D j).

(** D': the first [m] examples of D, and [d] new ones. *)
Definition attack (i : 'I_(m + d)) : X :=
  match split i with inl a => D (lshift e a) | inr b => fresh b end.

Let attackl a : attack (lshift d a) = D (lshift e a).
Proof. by rewrite /attack -[lshift d a]/(unsplit (inl a)) unsplitK. Qed.

Let attackr b : attack (rshift m b) = fresh b.
Proof. by rewrite /attack -[rshift m b]/(unsplit (inr b)) unsplitK. Qed.

Lemma share_attack : share D attack m.
Proof.
by exists (lshift e), (lshift d); split=> [||a]; rewrite ?attackl //; apply: lshift_inj.
Qed.

Lemma attack_inj : injective fresh -> injective attack.
Proof.
move=> fresh_inj i j; rewrite -(splitK i) -(splitK j).
case: (split i) => a; case: (split j) => b; rewrite /= ?attackl ?attackr.
- by move/D_inj/lshift_inj => ->.
- by move/eqP; rewrite eq_sym (negPf (new _ _)).
- by move/eqP; rewrite (negPf (new _ _)).
- by move/fresh_inj => ->.
Qed.

(** A*. *)
Definition astar T (core : lists k m -> T) (out out' : T) (w : k.-tuple X) : T :=
  if [pick u : lists k m | drawn (D \o lshift e) u == w] is Some u then core u
  else if [exists u : lists k (m + e), drawn D u == w] then out else out'.

Let E := D \o lshift e.
Let E_inj : injective E. Proof. by move=> a b /D_inj /lshift_inj. Qed.

Section Values.
Variables (T : Type) (core : lists k m -> T) (out out' : T).

Lemma astar_core u : astar core out out' (drawn E u) = core u.
Proof.
rewrite /astar; case: pickP => [v /eqP /(drawn_inj E_inj) -> //|none].
by have := none u; rewrite eqxx.
Qed.

Lemma astar_out w : ~~ low w -> astar core out out' (drawn D w) = out.
Proof.
case/forallPn => i high; rewrite /astar; case: pickP => [v /eqP eq_vw|_].
  case/negP: high; have := congr1 (fun t => tnth t i) eq_vw.
  by rewrite !tnth_mktuple => /D_inj <-; apply: ltn_ord (v i).
by case: existsP => // -[]; exists w.
Qed.

Lemma astar_out' w : ~~ low w -> astar core out out' (drawn attack w) = out'.
Proof.
case/forallPn => i high; have [b eq_b] : exists b, w i = rshift m b.
  by case: (splitP (w i)) high => [//|b eq_b _]; exists b; apply: val_inj.
have no n (K : 'I_n -> X) (v : lists k n) : (forall j, exists a, K j = D a) ->
    drawn K v == drawn attack w = false.
  move=> within; apply/negP => /eqP /(congr1 (fun t => tnth t i)).
  rewrite !tnth_mktuple eq_b attackr; have [a ->] := within (v i).
  by move/eqP; rewrite eq_sym (negPf (new _ _)).
rewrite /astar; case: pickP => [v|_]; first by rewrite no // => j; exists (lshift e j).
by case: existsP => // -[v]; rewrite no // => j; exists j.
Qed.

End Values.

(** The masses of A*, where [answer] turns what the list gets into probabilities. *)
Section Masses.
Variables (T : Type) (answer : T -> 'I_c -> rat) (core : lists k m -> T) (out out' : T).

Definition learner_of : learner X k c := fun w => answer (astar core out out' w).

Lemma mass_astar j : mass learner_of D j =
  \sum_u answer (core u) j + (((m + e) ^ k)%:R - (m ^ k)%:R) * answer out j.
Proof.
rewrite mass_low -sum_high; congr (_ + _); apply: eq_bigr => w.
  by rewrite /learner_of astar_core.
by move=> high; rewrite /learner_of astar_out.
Qed.

Lemma mass_attack j : mass learner_of attack j =
  \sum_u answer (core u) j + (((m + d) ^ k)%:R - (m ^ k)%:R) * answer out' j.
Proof.
rewrite mass_low (eq_mass _ _ attackl) -sum_high; congr (_ + _); apply: eq_bigr => w.
  by rewrite /learner_of astar_core.
by move=> high; rewrite /learner_of astar_out'.
Qed.

Lemma learner_astar : (forall u, dist (answer (core u))) -> dist (answer out) ->
  dist (answer out') -> is_learner learner_of.
Proof.
move=> dist_core [out_ge0 out1] [out'_ge0 out'1]; rewrite /learner_of /astar.
split=> [w j|w]; (case: pickP => [u _|_]; first by case: (dist_core u)).
  by case: ifP.
by case: ifP.
Qed.

End Masses.
End Construction.
