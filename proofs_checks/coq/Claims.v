(** What a certificate claims of one example, and a decision over [nat] that needs
    at most four sizes, proved equivalent to it.

    The meaning is by definition: the radius is the LARGEST r at which (4) holds for
    every size, and the worst size the ONE size that maximises the left side there. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Rounding Theorem1 Neighbours.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** How the bounds become the gap G, in units of one list (MATHEMATICS.md's table). *)
Inductive residual := Paper | NoResidual | Integral.

Definition gap_by (e : residual) : nat -> nat -> rat -> rat -> rat :=
  match e with Paper => gap_paper | NoResidual => gap | Integral => gap_integral end.

(** The sizes n' that an attack reaches by spending a budget r. *)
Inductive attack := Any | Modify | Delete | Insert.

Definition allowed (a : attack) (n r n' : nat) : bool :=
  match a with
  | Any => [&& (0 < n')%N, (n <= n' + r)%N & (n' <= n + r)%N]
  | Modify => n' == n
  | Delete => (0 < n')%N && (n' + r == n)%N
  | Insert => n' == (n + r)%N
  end.

Definition possible (a : attack) (n r : nat) : Prop := exists n', allowed a n r n'.

(** (4) holds at r: for every size that the attack reaches. *)
Definition holds_for (a : attack) (k n r : nat) (G : rat) : Prop :=
  forall n', allowed a n r n' -> margin k n n' r G < 0.

(** The certified poisoning size: the largest r that can be spent and where (4) holds. *)
Definition radius_is (a : attack) (k n : nat) (G : rat) (r : nat) : Prop :=
  [/\ possible a n r, holds_for a k n r G
    & forall r', possible a n r' -> holds_for a k n r' G -> (r' <= r)%N].

(** Eq (7): the size that maximises the left side of (4), with no other as large;
    none exactly where the budget cannot be spent. *)
Definition worst_is (a : attack) (k n r : nat) (G : rat) (worst : option nat) : Prop :=
  match worst with
  | Some w => allowed a n r w /\
      (forall n', allowed a n r n' -> n' != w -> margin k n n' r G < margin k n w r G)
  | None => ~ possible a n r
  end.

Inductive claim (T : Type) :=
  | Certified (radius : T) (worst : option T)
  | AbstainBounds
  | AbstainResidual.
Arguments AbstainBounds {T}.
Arguments AbstainResidual {T}.

(** A claim is true: the bounds are probabilities, and the first reason to abstain that
    applies is the one stated, or none applies and radius and worst size are right. *)
Definition true_claim (a : attack) (e : residual) (n k : nat) (pl ps : rat)
    (stated : claim nat) : Prop :=
  let G := gap_by e k n pl ps in
  [/\ (0 < n)%N, (0 < k)%N, 0 <= pl <= 1 & 0 <= ps <= 1] /\
  match stated with
  | Certified r worst =>
      [/\ ps < pl, radius_is a k n G r & worst_is a k n r.+1 G worst]
  | AbstainBounds => pl <= ps
  | AbstainResidual =>
      ps < pl /\ (forall r, possible a n r -> ~ holds_for a k n r G)
  end.

Lemma holds_for_any k n r G : holds_for Any k n r G <-> holds k n r G.
Proof.
split=> h n'; first by move=> n'_gt0 le1 le2; apply: h; rewrite /= n'_gt0 le1 le2.
by case/and3P; apply: h.
Qed.

(** ** The decision *)

(** The size that decides (4): at a budget r, no other size has a larger left side
    unless (4) fails at this one. *)
Definition deciding (a : attack) (n r : nat) : nat :=
  match a with Any | Modify => n | Delete => n - r | Insert => n + r end%N.

Definition feasible (a : attack) (n r : nat) : bool :=
  if a is Delete then (r < n)%N else true.

(** (4) at the size [x] with [m] kept, for [G = (low - high) / s], over [nat]. *)
Definition fits (k s low high n x m : nat) : bool :=
  (s * (x ^ k + n ^ k) + high < 2 * (s * m ^ k) + low)%N.

Definition fits_at (a : attack) (k s low high n r : nat) : bool :=
  fits k s low high n (deciding a n r) (kept n (deciding a n r) r).

Definition radius_test (a : attack) (k s low high n r : nat) : bool :=
  [&& feasible a n r, fits_at a k s low high n r
    & feasible a n r.+1 ==> ~~ fits_at a k s low high n r.+1].

(** Eq (7) by its neighbours. *)
Definition peak (k n r w : nat) : bool :=
  [&& n <= w, w <= n + r, (w == n) || rises k r w.-1 & (w == n + r) || ~~ rises k r w]%N.

Definition worst_test (a : attack) (k n r : nat) (worst : option nat) : bool :=
  match worst with
  | Some w => if a is Any then peak k n r w else allowed a n r w
  | None => ~~ feasible a n r
  end.

Section Decision.
Variables (a : attack) (k n s low high : nat) (G : rat).
Hypotheses (k_gt0 : (0 < k)%N) (n_gt0 : (0 < n)%N) (s_gt0 : (0 < s)%N).
Hypothesis G_eq : G = (low%:R - high%:R) / s%:R.
Hypothesis G_le : (low <= s * n ^ k + high)%N.

Lemma margin_lt0 x r : (margin k n x r G < 0) = fits k s low high n x (kept n x r).
Proof.
have s_pos : 0 < s%:R :> rat by rewrite ltr0n.
rewrite /margin subr_lt0 G_eq ltr_pdivl_mulr // addrAC mulrBl ltr_subr_addr addrAC.
rewrite ltr_subl_addr -!(natrM, natrD) ltr_nat /fits.
by congr (_ < _)%N; [rewrite mulnC | rewrite addnC -mulnA [(_ * s)%N]mulnC].
Qed.

Lemma margin_lt x y r : (margin k n x r G < margin k n y r G) =
  (x ^ k + 2 * kept n y r ^ k < y ^ k + 2 * kept n x r ^ k)%N.
Proof.
rewrite /margin !ltr_add2r ltr_subl_addr addrAC ltr_subr_addr.
by rewrite -!natrM -!natrD ltr_nat.
Qed.

Lemma possibleP r : possible a n r <-> feasible a n r.
Proof.
rewrite /possible; case: (a) => /=; split=> //.
- by exists n; rewrite n_gt0 !leq_addr.
- by exists n.
- by case=> x /andP[x_gt0 /eqP<-]; rewrite -[X in (X < _)%N]add0n ltn_add2r.
- by move=> lt; exists (n - r)%N; rewrite subn_gt0 lt subnK ?eqxx //; apply: ltnW.
- by exists (n + r)%N.
Qed.

Lemma deciding_allowed r : feasible a n r -> allowed a n r (deciding a n r).
Proof.
case: (a) => //= [_ | lt]; first by rewrite n_gt0 !leq_addr.
by rewrite subn_gt0 lt subnK ?eqxx //; apply: ltnW.
Qed.

Lemma kept_large x r : (n <= x)%N -> kept n x r = (x - r)%N.
Proof. by rewrite /kept => /maxn_idPr->. Qed.

Lemma kept_small x r : (x <= n)%N -> kept n x r = (n - r)%N.
Proof. by rewrite /kept => /maxn_idPl->. Qed.

(** Where (4) holds at n' = n, more than half of the lists are kept. *)
Lemma fits_half r : fits k s low high n n (n - r) -> (n ^ k < 2 * (n - r) ^ k)%N.
Proof.
rewrite /fits => lt; rewrite -(ltn_pmul2l s_gt0).
have := leq_trans lt (leq_add (leqnn _) G_le).
rewrite addnA ltn_add2r mulnDr ltn_add2r.
by rewrite mulnCA.
Qed.

Lemma holds_forP r : feasible a n r -> holds_for a k n r G <-> fits_at a k s low high n r.
Proof.
move=> can; split=> [h | ].
  by rewrite /fits_at -margin_lt0; apply/h/deciding_allowed.
rewrite /fits_at -margin_lt0; case: (a) can => //= [_ | _ | _ | _] fit x; last first.
- by move=> /eqP->.
- by case/andP=> _ /eqP eq_n; suff -> : x = (n - r)%N by []; rewrite -eq_n addnK.
- by move=> /eqP->.
have half : (n ^ k < 2 * (n - r) ^ k)%N.
  by apply: fits_half; rewrite -(kept_small r (leqnn n)) -margin_lt0.
case/and3P=> x_gt0 lo up; apply: le_lt_trans fit; rewrite leNgt margin_lt -leqNgt.
rewrite [kept n n r]kept_small //; have [le | /ltnW le] := leqP x n.
  by rewrite kept_small // leq_add2r leq_pow.
rewrite kept_large //; have := modification_is_worst (x - n) (leq_subr r n) half.
suff -> : (n - r + (x - n) = x - r)%N by rewrite subnKC.
have rn : (r <= n)%N.
  rewrite leqNgt; apply: contraL half => /ltnW; rewrite -subn_eq0 => /eqP->.
  by rewrite exp0n // muln0.
by rewrite -{2}(subnKC le) addnBAC // .
Qed.

(** (4) is monotone in r. *)
Lemma fits_at_below r r' : (r <= r')%N -> feasible a n r' ->
  fits_at a k s low high n r' -> fits_at a k s low high n r.
Proof.
move=> rr' can; rewrite /fits_at /fits.
have less : ((n - r') ^ k <= (n - r) ^ k)%N by rewrite leq_pow // leq_sub2l.
have more : ((n + r) ^ k <= (n + r') ^ k)%N by rewrite leq_pow // leq_add2l.
have kept_all t : kept n (n + t) t = n by rewrite kept_large ?leq_addr // addnK.
case: (a) => /=; rewrite ?kept_all ?[kept n n _]kept_small ?[kept n (n - _) _]kept_small
  ?leq_subr //.
- by move=> /leq_trans; apply; rewrite leq_add2r !leq_mul.
- by move=> /leq_trans; apply; rewrite leq_add2r !leq_mul.
- have less_2 A : (s * (A + n ^ k) + high < 2 * (s * A) + low)%N
      = (s * n ^ k + high < s * A + low)%N.
    by rewrite mul2n -addnn -[in X in (_ < X)%N]addnA mulnDr -addnA ltn_add2l.
  rewrite !less_2 => /leq_trans; apply.
  by rewrite leq_add2r leq_mul.
- by apply: leq_ltn_trans; rewrite leq_add2r leq_mul // leq_add2r.
Qed.

Lemma radiusP r : radius_is a k n G r <-> radius_test a k s low high n r.
Proof.
rewrite /radius_test; split=> [[/possibleP can /(holds_forP can) fit top] | ].
  rewrite can fit /=; apply/implyP=> can1; apply/negP=> fit1.
  have := top r.+1; rewrite ltnn => impossible; apply/notF/impossible; first exact/possibleP.
  exact/holds_forP.
case/and3P=> can fit /implyP up; split; [exact/possibleP | exact/holds_forP | move=> r'].
move=> /possibleP can' /(holds_forP can') fit'; rewrite leqNgt; apply/negP=> lt.
have can1 : feasible a n r.+1 by case: (a) can' => //=; apply: leq_ltn_trans.
by case/negP: (up can1); apply: fits_at_below fit'.
Qed.

(** No radius at all, exactly where G <= 0. *)
Lemma no_radiusP :
  (forall r, possible a n r -> ~ holds_for a k n r G) <-> (low <= high)%N.
Proof.
have can : feasible a n 0 by case: (a).
have at_0 : fits_at a k s low high n 0 = (high < low)%N.
  rewrite /fits_at /fits; have -> : deciding a n 0 = n by case: (a); rewrite /= ?subn0 ?addn0.
  by rewrite kept_small // subn0 mul2n -addnn mulnDr ltn_add2l.
rewrite leqNgt -at_0; split=> [none | no r /possibleP can_r /(holds_forP can_r) fit].
  by apply/negP=> /(holds_forP can); apply/none/possibleP.
by case/negP: no; apply: fits_at_below fit.
Qed.

Lemma radius_lt r : fits_at Any k s low high n r -> (r < n)%N.
Proof.
rewrite /fits_at kept_small //= => /fits_half; apply: contraLR; rewrite -!leqNgt -subn_eq0.
by move=> /eqP->; rewrite exp0n.
Qed.

(** *** Eq (7) *)

Lemma climb (f : nat -> rat) x y : (x < y)%N ->
  (forall t, (x <= t < y)%N -> f t < f t.+1) -> f x < f y.
Proof.
elim: y => // y IH; rewrite ltnS leq_eqVlt => /predU1P[<- up | lt up].
  by apply: up; rewrite leqnn ltnSn.
apply: lt_trans (IH lt _) (up y _); last by rewrite (ltnW lt) ltnSn.
by move=> t /andP[xt ty]; apply: up; rewrite xt ltnW.
Qed.

Lemma grows t r : (n <= t)%N -> (margin k n t r G < margin k n t.+1 r G) = rises k r t.
Proof. by move=> nt; rewrite margin_lt !kept_large // leqW. Qed.

Lemma shrinks t r : (n <= t)%N -> ~~ rises k r t -> margin k n t.+1 r G < margin k n t r G.
Proof. by move=> nt /(falls_strictly k_gt0); rewrite margin_lt !kept_large // leqW. Qed.

Lemma smaller x r : (x < n)%N -> margin k n x r G < margin k n n r G.
Proof.
move=> lt; rewrite margin_lt !kept_small // ?ltn_add2r ?ltn_exp2r //; exact: ltnW.
Qed.

Lemma peak_largest r w x : (r <= n)%N -> peak k n r w -> (x <= n + r)%N -> x != w ->
  margin k n x r G < margin k n w r G.
Proof.
move=> rn /and4P[nw wt up down] xt neq.
have after_n t : (n <= t)%N -> (t < w)%N -> margin k n t r G < margin k n w r G.
  move=> nt tw; apply: (climb (f := fun t => margin k n t r G)) => // y /andP[ty yw]; rewrite grows ?(leq_trans nt) //.
  move: up; rewrite gtn_eqF ?(leq_ltn_trans nt) //=; apply: (rises_below k_gt0).
    exact: leq_trans rn (leq_trans nt ty).
  by rewrite -ltnS (ltn_predK yw).
case: (ltngtP x w) neq => // [xw | wx] _; last first.
  rewrite -ltr_opp2; apply: (climb (f := fun t => - margin k n t r G)) => // t /andP[wy ty].
  rewrite ltr_opp2; apply: shrinks; first exact: leq_trans nw wy.
  move: down; rewrite (ltn_eqF (leq_ltn_trans wy (leq_trans ty xt))) /=; apply: contra.
  exact: (rises_below k_gt0 (leq_trans rn nw)).
have [xn | nx] := ltnP x n; last exact: after_n.
have [<- | neq_n] := eqVneq n w; first exact: smaller.
by apply: lt_trans (smaller r xn) (after_n n _ _); rewrite // ltn_neqAle neq_n.
Qed.

Lemma worstP r w : (a = Any -> (r <= n)%N) -> worst_is a k n r G w <-> worst_test a k n r w.
Proof.
case: w => [w|] /=; last first.
  move=> _; split; first by move=> no; apply/negP=> /possibleP.
  by move=> /negP no /possibleP.
have single (b : attack) : b <> Any -> forall x y, allowed b n r x -> allowed b n r y -> x = y.
  case: b => // _ x y /=; [by move=> /eqP-> /eqP | | by move=> /eqP-> /eqP].
  by case/andP=> _ /eqP xr /andP[_ /eqP yr]; apply: (@addIn r); rewrite xr yr.
move: (single a); case: (a) => /= [_ | one _ | one _ | one _];
  try by split=> [[] // | ok]; split=> // x okx; rewrite (one _ x w) ?eqxx.
move=> /(_ erefl) rn; split=> [[/and3P[w_gt0 lo up] top] | pk]; last first.
  split=> [|x /and3P[_ _ xt]]; last exact: peak_largest.
  case/and4P: pk => nw wt _ _; rewrite (leq_trans n_gt0 nw) wt andbT /=.
  by rewrite (leq_trans nw) ?leq_addr.
have nw : (n <= w)%N.
  rewrite leqNgt; apply/negP=> wn.
  have := top n; rewrite n_gt0 !leq_addr gtn_eqF //= => /(_ isT isT) lt.
  by have := lt_trans lt (smaller r wn); rewrite ltxx.
rewrite /peak nw up /=; apply/andP; split.
  case: (ltngtP n w) (nw) => //= lt _.
  have lt_w : (w.-1 < w)%N by rewrite (ltn_predK lt).
  have nw1 : (n <= w.-1)%N by rewrite -ltnS (ltn_predK lt).
  rewrite -grows // (ltn_predK lt) top ?ltn_eqF // (leq_trans n_gt0) //=.
  by rewrite (leq_trans nw1) ?leq_addr // (leq_trans (ltnW lt_w)).
have [// | neq] := eqVneq w (n + r)%N; rewrite -grows // -leNgt ltW //.
apply: top; last by rewrite gtn_eqF.
by rewrite /= (leq_trans nw) ?(leq_trans (leqnSn w)) ?leq_addr // ltn_neqAle neq.
Qed.

End Decision.
