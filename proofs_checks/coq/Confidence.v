(** The confidence level of a certificate (Section 3, Theorem 3), in a finite probability
    space. What is assumed of the bounds is their level, one event at a time; what is
    proved is how few of these events a wrong certificate needs. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Finite probability *)

Definition Pr (T : finType) (P : T -> rat) (E : pred T) : rat := \sum_(w | E w) P w.

Section Probability.
Variables (T : finType) (P : T -> rat).
Hypothesis P_ge0 : forall w, 0 <= P w.

Lemma Pr_ge0 (E : pred T) : 0 <= Pr P E.
Proof. by apply: sumr_ge0. Qed.

Lemma Pr_le (E F : pred T) : (forall w, E w -> F w) -> Pr P E <= Pr P F.
Proof.
move=> sub; rewrite /Pr [leRHS](bigID E) /= (eq_bigl E) => [|w]; last first.
  by case: (boolP (E w)) => [/sub ->|_]; rewrite ?andbF.
by rewrite ler_addl; apply: sumr_ge0.
Qed.

Lemma Pr_or (E F : pred T) : Pr P [pred w | E w || F w] <= Pr P E + Pr P F.
Proof.
rewrite /Pr (bigID E) /=; apply: ler_add.
  by rewrite (eq_bigl E) // => w; rewrite /= andbC; case: (E w).
by apply: Pr_le => w /andP [/orP [->|]].
Qed.

(** The union bound. *)
Lemma Pr_exists (I : finType) (J : pred I) (E : I -> pred T) :
  Pr P [pred w | [exists j, J j && E j w]] <= \sum_(j | J j) Pr P (E j).
Proof.
rewrite (exchange_big_dep [pred w | [exists j, J j && E j w]]) /=; last first.
  by move=> j w Jj Ew; apply/existsP; exists j; rewrite Jj.
apply: ler_sum => w /existsP [j /andP [Jj Ew]].
by rewrite (bigD1 j) ?Jj //= ler_addl; apply: sumr_ge0.
Qed.

Lemma Pr_union2 (D E F : pred T) (a b : rat) : (forall w, D w -> E w || F w) ->
  Pr P E <= a -> Pr P F <= b -> Pr P D <= a + b.
Proof.
move=> sub le_a le_b; apply: le_trans (Pr_le sub) _.
by apply: le_trans (Pr_or E F) _; apply: ler_add.
Qed.

End Probability.

(** * Certificates as random variables *)

(** The largest of the other labels' bounds. *)
Definition runner_up c (u : 'I_c -> rat) (l : 'I_c) : rat :=
  \big[Num.max/0]_(j | j != l) u j.

Lemma le_runner_up c (u : 'I_c -> rat) (l j : 'I_c) : j != l -> u j <= runner_up u l.
Proof.
rewrite /runner_up => j_l; have : j \in index_enum [finType of 'I_c].
  by rewrite mem_index_enum.
elim: (index_enum _) => //= i r IH; rewrite inE big_cons => /orP [/eqP <-|/IH le_j].
  by rewrite j_l le_maxr lexx.
by case: ifP => // _; rewrite le_maxr le_j orbT.
Qed.

(** One certificate per outcome: its label, and bounds on every label's probability. *)
Record procedure (T : finType) (c : nat) := Procedure {
  issued : pred T;
  label : T -> 'I_c;
  lower : T -> 'I_c -> rat;
  upper : T -> 'I_c -> rat
}.

Section Levels.
Variables (T : finType) (P : T -> rat) (c : nat) (C : procedure T c).
Hypothesis P_ge0 : forall w, 0 <= P w.

(** The bounds that a certificate carries, as the paper's table of methods has them. *)
Definition p_lower (w : T) : rat := lower C w (label C w).
Definition p_upper (w : T) : rat := Num.min (runner_up (upper C w) (label C w)) (1 - p_lower w).
Definition p_rest (w : T) : rat := 1 - p_lower w.

(** Issued, and eq (2) is false for the true probabilities [p]. *)
Definition wrong (p : 'I_c -> rat) (ps : T -> rat) : pred T := fun w =>
  issued C w && ~~ ((p_lower w <= p (label C w)) &&
                    [forall j, (j != label C w) ==> (p j <= ps w)]).

Variables (p : 'I_c -> rat) (t s : 'I_c).
Hypothesis p_ge0 : forall j, 0 <= p j.
Hypothesis p_sum : \sum_j p j = 1.
Hypothesis top : forall j, p j <= p t.
Hypothesis s_t : s != t.
Hypothesis second : forall j, j != t -> p j <= p s.

(** The events whose probability a confidence level bounds. *)
Definition lower_fails (j : 'I_c) : pred T := fun w => p j < lower C w j.
Definition upper_fails (j : 'I_c) : pred T := fun w => upper C w j < p j.

Let others : pred 'I_c := fun j => j != t.

Lemma card_others : #|others| = c.-1.
Proof. by rewrite (cardC1 t) card_ord. Qed.

Lemma sum_others (b : rat) : \sum_(j | others j) b = b * (c.-1)%:R.
Proof. by rewrite sumr_const card_others mulr_natr. Qed.

Lemma p_other j : j != t -> p j <= 1 - p t.
Proof.
move=> j_t; rewrite -p_sum (bigD1 t) //= [p t + _]addrC addrK (bigD1 j) //= ler_addl.
by apply: sumr_ge0.
Qed.

(** On the true top label a wrong certificate needs one of two bounds to fail. *)
Lemma wrong_top w : wrong p p_upper w -> label C w = t -> lower_fails t w || upper_fails s w.
Proof.
case/andP=> _ + lab; rewrite /lower_fails /upper_fails /p_upper /p_lower lab !ltNge.
apply: contraNT; rewrite negb_or !negbK => /andP [le_t le_s]; rewrite le_t /=.
apply/forallP => j; apply/implyP => j_t; rewrite le_minr; apply/andP; split.
  apply: le_trans (second j_t) _; apply: le_trans le_s _; exact: le_runner_up.
by apply: le_trans (p_other j_t) _; rewrite ler_add2l ler_oppl opprK.
Qed.

(** ** selected *)

(** [beats w i j]: on outcome [w] label [i] wins the sign test against label [j]. *)
Variable beats : T -> 'I_c -> 'I_c -> bool.

Theorem selected (b b' : rat) :
  (forall w, issued C w -> forall j, j != label C w -> beats w (label C w) j) ->
  Pr P (lower_fails t) <= b -> Pr P (upper_fails s) <= b ->
  (forall j, j != t -> Pr P (fun w => beats w j t) <= b') ->
  Pr P (wrong p p_upper) <= 2 * b + (c.-1)%:R * b'.
Proof.
move=> rule low up sign.
pose bounds_fail w := lower_fails t w || upper_fails s w.
pose sign_fails := [pred w | [exists j, others j && beats w j t]].
have le_bounds : Pr P bounds_fail <= 2 * b.
  rewrite (_ : 2 * b = b + b); last by rat_ring.
  by apply: (Pr_union2 P_ge0 _ low up).
have le_sign : Pr P sign_fails <= (c.-1)%:R * b'.
  apply: le_trans (Pr_exists P_ge0 _ _) _; rewrite mulrC -sum_others.
  by apply: ler_sum => j; apply: sign.
apply: (Pr_union2 P_ge0 _ le_bounds le_sign) => w wr.
have [lab|lab] := eqVneq (label C w) t; first by rewrite /bounds_fail wrong_top.
apply/orP; right; apply/existsP; exists (label C w); rewrite /others lab.
by apply: rule; [case/andP: wr | rewrite eq_sym].
Qed.

(** At two labels the two bounds are one: the count of [s] is N less the count of [t]. *)
Theorem selected_joint (b b' : rat) :
  (forall w, issued C w -> forall j, j != label C w -> beats w (label C w) j) ->
  (forall w, upper_fails s w -> lower_fails t w) ->
  Pr P (lower_fails t) <= b ->
  (forall j, j != t -> Pr P (fun w => beats w j t) <= b') ->
  Pr P (wrong p p_upper) <= b + (c.-1)%:R * b'.
Proof.
move=> rule joint low sign.
pose sign_fails := [pred w | [exists j, others j && beats w j t]].
have le_sign : Pr P sign_fails <= (c.-1)%:R * b'.
  apply: le_trans (Pr_exists P_ge0 _ _) _; rewrite mulrC -sum_others.
  by apply: ler_sum => j; apply: sign.
apply: (Pr_union2 P_ge0 _ low le_sign) => w wr.
have [lab|lab] := eqVneq (label C w) t.
  by case/orP: (wrong_top wr lab) => [->|/joint ->].
apply/orP; right; apply/existsP; exists (label C w); rewrite /others lab.
by apply: rule; [case/andP: wr | rewrite eq_sym].
Qed.

(** ** simuem, the part with an easy proof *)

(** A wrong certificate for a label [j] other than the top one: its own lower bound fails,
    or the top label's upper bound does. *)
Lemma wrong_other w : (forall w, issued C w -> p_upper w < p_lower w) ->
  wrong p p_upper w -> label C w != t -> lower_fails (label C w) w || upper_fails t w.
Proof.
move=> rule /andP [iss _] lab; rewrite /lower_fails /upper_fails.
have [//|le_low] /= := ltP (p (label C w)) (lower C w (label C w)).
have := rule w iss; rewrite /p_upper lt_minl => /orP [lt_u|lt_1].
  have t_lab : t != label C w by rewrite eq_sym.
  apply: le_lt_trans (le_runner_up (upper C w) t_lab) _.
  by apply: lt_le_trans lt_u _; apply: le_trans le_low (top _).
have := lt_le_trans lt_1 le_low; rewrite ltNge; case/negP.
by apply: le_trans (p_other lab) _; rewrite ler_add2l ler_oppl opprK (le_trans le_low).
Qed.

Theorem simuem (b : rat) :
  (forall w, issued C w -> p_upper w < p_lower w) ->
  (forall j, Pr P (lower_fails j) <= b) -> (forall j, Pr P (upper_fails j) <= b) ->
  Pr P (wrong p p_upper) <= (c + 2)%:R * b.
Proof.
move=> rule low up.
pose low_fails := [pred w | [exists j, true && lower_fails j w]].
pose up_fails w := upper_fails s w || upper_fails t w.
have le_low : Pr P low_fails <= c%:R * b.
  apply: le_trans (Pr_exists P_ge0 _ _) _.
  rewrite -[c in c%:R]card_ord mulrC mulr_natr -sumr_const.
  by apply: ler_sum => j _; apply: low.
have le_up : Pr P up_fails <= b + b by apply: (Pr_union2 P_ge0 _ (up s) (up t)).
rewrite (_ : _ * b = c%:R * b + (b + b)); last by rewrite natrD; rat_ring.
apply: (Pr_union2 P_ge0 _ le_low le_up) => w wr; rewrite /up_fails.
have fails j : lower_fails j w -> low_fails w by move=> fj; apply/existsP; exists j.
have [lab|lab] := eqVneq (label C w) t.
  by case/orP: (wrong_top wr lab) => [/fails ->|->]; rewrite ?orbT.
by case/orP: (wrong_other rule wr lab) => [/fails ->|->]; rewrite ?orbT.
Qed.

(** At two labels each bound of one label fails with the mirrored bound of the other. *)
Theorem simuem_joint (b : rat) :
  (forall w, issued C w -> p_upper w < p_lower w) ->
  (forall j, j != t -> j = s) ->
  (forall w, upper_fails s w -> lower_fails t w) ->
  (forall w, upper_fails t w -> lower_fails s w) ->
  Pr P (lower_fails t) <= b -> Pr P (lower_fails s) <= b ->
  Pr P (wrong p p_upper) <= 2 * b.
Proof.
move=> rule two joint_s joint_t low_t low_s; rewrite (_ : 2 * b = b + b); last by rat_ring.
apply: (Pr_union2 P_ge0 _ low_t low_s) => w wr.
have [lab|lab] := eqVneq (label C w) t.
  by case/orP: (wrong_top wr lab) => [->|/joint_s ->].
have := wrong_other rule wr lab; rewrite (two _ lab).
by case/orP=> [->|/joint_t ->]; rewrite orbT.
Qed.

End Levels.
