(** Votes that change hands: how the probability of a vector of counts changes when one label
    loses votes to another. *)
From mathcomp Require Import all_ssreflect all_algebra perm.
From Bagcert Require Import Arith Confidence Votes.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma leq_ffact m a b : (a <= b)%N -> (a ^_ m <= b ^_ m)%N.
Proof.
elim: m a b => [|m IH] a b ab; first by rewrite !ffactn0.
by rewrite !ffactnS leq_mul // IH // -!subn1 leq_sub2r.
Qed.

Section Moves.
Variables (c V : nat) (p : 'I_c -> rat) (j t : 'I_c).
Hypotheses (p_ge0 : forall i, 0 <= p i) (j_t : j != t) (top : p j <= p t) (pt_gt0 : 0 < p t).

Definition has (f : 'I_c -> nat) : pred (votes c V) := fun v => [forall i, count v i == f i].
Definition W (f : 'I_c -> nat) : rat := Pr (weight (N := V) p) (has f).
Definition moved (m : nat) (f : 'I_c -> nat) : 'I_c -> nat :=
  fun i => if i == t then (f i + m)%N else if i == j then (f i - m)%N else f i.

Lemma eq_W f g : f =1 g -> W f = W g.
Proof. by move=> fg; apply: eq_bigl => v; apply: eq_forallb => i; rewrite fg. Qed.

Lemma W_ge0 f : 0 <= W f.
Proof. by apply: sumr_ge0 => v _; apply: weight_ge0. Qed.

(** One model changes its vote. *)
Definition flip (x : 'I_V) (v : votes c V) : votes c V :=
  [ffun y => if y == x then tperm j t (v y) else v y].

Lemma flipK x : involutive (flip x).
Proof. by move=> v; apply/ffunP => y; rewrite !ffunE; case: eqP => // _; rewrite tpermK. Qed.

Lemma weight_flip x (v : votes c V) : v x = j -> weight p v * p t = weight p (flip x v) * p j.
Proof.
move=> vx; rewrite /weight (bigD1 x) //= [in RHS](bigD1 x) //= ffunE eqxx vx tpermL.
rewrite [in RHS](eq_bigr (fun y => p (v y))) => [|y /negPf y_x]; last by rewrite ffunE y_x.
by rewrite mulrAC [in RHS]mulrAC [p j * p t]mulrC.
Qed.

Lemma has_flip x (v : votes c V) f : v x = j -> (0 < f j)%N -> has (moved 1 f) (flip x v) = has f v.
Proof.
move=> vx fj; have t_j : t != j by rewrite eq_sym.
have at_t : count (flip x v) t = (count v t).+1.
  rewrite /count (_ : voters (flip x v) t = x |: voters v t).
    by rewrite cardsU1 inE vx (negPf j_t).
  apply/setP => y; rewrite !inE ffunE; case: (y =P x) => [->|_] //=.
  by rewrite vx tpermL eqxx.
have at_j : count v j = (count (flip x v) j).+1.
  rewrite /count (_ : voters v j = x |: voters (flip x v) j).
    by rewrite cardsU1 inE ffunE eqxx vx tpermL (negPf t_j).
  apply/setP => y; rewrite !inE ffunE; case: (y =P x) => [->|_] //=.
  by rewrite vx eqxx.
have at_i i : i != t -> i != j -> count (flip x v) i = count v i.
  move=> i_t i_j; rewrite /count; congr #|pred_of_set _|; apply/setP => y; rewrite !inE ffunE.
  by case: (y =P x) => [->|_] //; rewrite vx tpermL ![_ == i]eq_sym (negPf i_t) (negPf i_j).
apply/forallP/forallP => all i; have := all i; rewrite /moved.
  case: (i =P t) => [->|/eqP i_t]; first by rewrite at_t addn1 eqSS.
  case: (i =P j) => [->|/eqP i_j]; last by rewrite at_i.
  by rewrite at_j => /eqP ->; rewrite subn1 prednK.
case: (i =P t) => [->|/eqP i_t]; first by rewrite at_t addn1 eqSS.
case: (i =P j) => [->|/eqP i_j]; last by rewrite at_i.
by rewrite at_j => /eqP <-; rewrite subn1.
Qed.

Lemma count_sum f (l : 'I_c) : (f l)%:R * W f =
  \sum_x \sum_(v | has f v && (v x == l)) weight p v.
Proof.
rewrite (exchange_big_dep (has f)) /=; last by move=> x v _ /andP [].
rewrite mulr_sumr /=; apply: eq_bigr => v has_v.
rewrite (eq_bigl (fun x => v x == l)) => [|x]; last by rewrite has_v.
rewrite sumr_const -[in RHS]mulr_natl; congr (_%:R * _).
by rewrite -(eqP (forallP has_v l)) /count; apply: eq_card => x; rewrite !inE.
Qed.

Lemma move_one f : (0 < f j)%N ->
  (f j)%:R * p t * W f = ((f t).+1)%:R * p j * W (moved 1 f).
Proof.
move=> fj; have -> : (f t).+1 = moved 1 f t by rewrite /moved eqxx addn1.
rewrite mulrAC count_sum [in RHS]mulrAC count_sum !mulr_suml; apply: eq_bigr => x _.
rewrite !mulr_suml [in RHS](reindex_inj (inv_inj (@flipK x))) /=.
apply: eq_big => [v|v /andP [_ /eqP vx]]; last by rewrite (weight_flip vx).
rewrite ffunE eqxx; have [vx|vx] := eqVneq (v x) j; first by rewrite has_flip // vx tpermL eqxx.
rewrite andbF; apply/esym/negbTE; rewrite negb_and; apply/orP; right.
by apply: contra vx => /eqP eq_t; rewrite -(tpermK j t (v x)) eq_t tpermR.
Qed.

Lemma move_many m f : (m <= f j)%N ->
  ((f j) ^_ m)%:R * p t ^+ m * W f = ((f t + m) ^_ m)%:R * p j ^+ m * W (moved m f).
Proof.
elim: m => [|m IH] le_m.
  rewrite addn0 !ffactn0 !expr0; congr (_ * _); apply: eq_W => i; rewrite /moved addn0 subn0.
  by case: ifP => // _; case: ifP.
have {}IH := IH (ltnW le_m).
have step := @move_one (moved m f); rewrite /moved eqxx (negPf j_t) eqxx subn_gt0 in step.
have {}step := step le_m; rewrite ffactnSr natrM exprSr.
have -> : W (moved m.+1 f) = W (moved 1 (moved m f)).
  apply: eq_W => i; rewrite /moved; case: (i == t); first by rewrite addn1 addnS.
  by case: (i == j); rewrite // subn1 subnS.
rewrite addnS ffactSS natrM exprSr.
have -> (a b x y z : rat) : a * b * (x * y) * z = (b * y) * (a * x * z) by rat_ring.
rewrite IH.
have -> (a b x y z : rat) : a * b * (x * y) * z = b * x * (a * y * z) by rat_ring.
rewrite -[in RHS]step; move: (W _) (_ ^+ m) (p t) => x y z.
by move: (_%:R) (_%:R) => u w; rat_ring.
Qed.

(** Towards a more probable label that stays behind, the probability does not fall ... *)
Lemma move_ge m f : (f t + m <= f j)%N -> W f <= W (moved m f).
Proof.
move=> le_m; have le_mj : (m <= f j)%N by apply: leq_trans le_m; rewrite leq_addl.
have pos : 0 < ((f j) ^_ m)%:R * p t ^+ m :> rat by rewrite mulr_gt0 ?exprn_gt0 // ltr0n ffact_gt0.
rewrite -(ler_pmul2l pos) move_many //; apply: ler_wpmul2r; first exact: W_ge0.
apply: ler_pmul; rewrite ?ler0n ?exprn_ge0 // ?ler_nat ?leq_ffact //.
by apply: ler_expn2r; rewrite ?nnegrE // ltW.
Qed.

(** ... and just short of that it falls by a known factor at most. *)
Lemma move_short m f T : ((f t).+1 + m)%N = T -> (T <= f j)%N ->
  T%:R * W f <= ((f t).+1)%:R * W (moved m f).
Proof.
move=> eT le_T; have le_mj : (m <= f j)%N by apply: leq_trans le_T; rewrite -eT leq_addl.
have pos : 0 < ((f j) ^_ m)%:R * p t ^+ m :> rat by rewrite mulr_gt0 ?exprn_gt0 // ltr0n ffact_gt0.
rewrite -(ler_pmul2l pos) mulrCA move_many // !mulrA; apply: ler_wpmul2r; first exact: W_ge0.
have <- : (T.-1 = f t + m)%N by rewrite -eT addSn.
rewrite -natrM -ffactnS ffactnSr -eT addnK natrM eT.
rewrite -!mulrA ![((f t).+1)%:R * _]mulrC !mulrA; apply: ler_wpmul2r; first exact: ler0n.
apply: ler_pmul; rewrite ?ler0n ?exprn_ge0 // ?ler_nat ?leq_ffact //.
by apply: ler_expn2r; rewrite ?nnegrE // ltW.
Qed.

End Moves.

(** * Vectors of counts *)
Section Vectors.
Variables (c V : nat) (p : 'I_c -> rat).
Hypothesis p_ge0 : forall i, 0 <= p i.

Definition vector : finType := [finType of {ffun 'I_c -> 'I_V.+1}].
Definition counts_vector (v : votes c V) : vector := [ffun i => inord (count v i)].
Definition natural (f : vector) : 'I_c -> nat := fun i => f i.

Lemma counts_vectorE v i : counts_vector v i = count v i :> nat.
Proof. by rewrite ffunE inordK // ltnS count_le. Qed.

Lemma has_vector (f : vector) v : has (natural f) v = (counts_vector v == f).
Proof.
apply/forallP/eqP => [all|<- i]; last by rewrite /natural counts_vectorE.
by apply/ffunP => i; apply: val_inj; rewrite /= counts_vectorE (eqP (all i)).
Qed.

Lemma Pr_vector (G : pred vector) :
  Pr (weight p) (fun v => G (counts_vector v)) = \sum_(f | G f) W V p (natural f).
Proof.
rewrite /Pr (partition_big counts_vector G) //=; apply: eq_bigr => f Gf.
by apply: eq_bigl => v; rewrite has_vector; case: eqP => [->|]; rewrite ?Gf ?andbF.
Qed.

(** An injection that loses at most a factor carries probability over. *)
Lemma carry (G H : pred vector) (phi : vector -> vector) (x y : rat) : 0 <= y ->
  {in G &, injective phi} -> (forall f, G f -> H (phi f)) ->
  (forall f, G f -> x * W V p (natural f) <= y * W V p (natural (phi f))) ->
  x * Pr (weight p) (fun v => G (counts_vector v)) <=
  y * Pr (weight p) (fun v => H (counts_vector v)).
Proof.
move=> y_ge0 inj GH le_W; rewrite !Pr_vector mulr_sumr.
apply: (le_trans (ler_sum _ le_W)); rewrite -mulr_sumr; apply: ler_wpmul2l => //.
rewrite -[leLHS]/(\sum_(f in G) W V p (natural (phi f))) -(big_imset (W V p \o natural) inj) /=.
have sub f : f \in phi @: G -> H f by case/imsetP=> g /GH Hg ->.
rewrite [leRHS](bigID (mem (phi @: G))) /=.
rewrite [X in X + _](eq_bigl (mem (phi @: G))) => [|f]; last first.
  by rewrite /=; case: (boolP (f \in _)) => [/sub ->|_]; rewrite ?andbF.
by rewrite ler_addl; apply: sumr_ge0 => f _; apply: W_ge0.
Qed.

End Vectors.
