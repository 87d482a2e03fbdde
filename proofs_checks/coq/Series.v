(** The test of Tails.v without its long sum: a tail's terms relative to its first, added up
    in fixed point from below and from above until they decide, the exact sum where they do not.

    [tail_at_mostE] in SeriesExact.v says that the answer is that of [BinTail.tail_at_most], always. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Checker Checked Tails.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** ** The program *)
Module Series.
Local Open Scope N_scope.

(** A sum in progress: the terms left; the next term is num / den of the last one; the last
    term and the sum, relative to the first, times [one]: each from below and from above. *)
Record state := State { left : N; num : N; den : N; lo : N; hi : N; low : N; high : N }.

Definition step (a b : N) (z : state) : state :=
  let lo' := lo z * num z / den z in
  let hi' := N.succ (hi z * num z / den z) in
  State (N.pred (left z)) (num z - a) (den z + b) lo' hi' (low z + lo') (high z + hi').

(** Nothing is left, or what is left cannot count, or the sum suffices. *)
Definition done (enough : N) (z : state) : bool :=
  (left z =? 0) || ((enough <=? low z) || ((lo z =? 0) && (num z <=? den z))).

(** Up to 2^depth steps. *)
Fixpoint loop (depth : nat) (enough a b : N) (z : state) : state :=
  if done enough z then z else
  match depth with
  | O => step a b z
  | S less => loop less enough a b (loop less enough a b z)
  end.

(** No term left exceeds the last one: their ratio falls, and is at most 1. *)
Definition bounds (z : state) : N * option N :=
  (low z, if (left z =? 0) || (num z <=? den z) then Some (high z + left z * hi z) else None).

Definition depth : nat := 20.

Definition sum (one enough count a D b : N) : N * option N :=
  bounds (loop depth enough a b (State count (count * a) (D * b) one one one one)).

(** Pr(>= x) / Pr(= x) and Pr(<= x) / Pr(= x) lie in U and W, times [one]: whether
    Pr(>= x) w <= Pr(< x) b. *)
Definition verdict (one w b : N) (U W : N * option N) : option bool :=
  let yes := match snd U with Some h => w * h <=? b * (fst W - one) | None => false end in
  let no := match snd W with Some h => b * (h - one) <? w * fst U | None => false end in
  if yes then Some true else if no then Some false else None.

(** Whether Pr(>= x) <= b / e. The series that falls comes first; it says how much of the
    other one suffices. *)
Definition decide (one V x t s b e : N) : option bool :=
  let w := e - b in
  let above enough := sum one enough (V - x) t (N.succ x) s in
  let below enough := sum one enough x s (N.succ (V - x)) t in
  let all := one * (V + 2) in
  let value o := match o with Some v => v | None => 0 end in
  if (V - x) * t <=? N.succ x * s then
    let U := above all in
    verdict one w b U (below (one + N.succ (value (snd U) * w / b)))
  else
    let W := below all in
    verdict one w b (above (N.succ ((value (snd W) - one) * b / w))) W.

(** Twice the bits each time; the exact sum at last. *)
Fixpoint rounds (more : nat) (one V x t : N) (d : positive) (b : N) (e : positive) : bool :=
  match decide one V x t (Npos d - t) b (Npos e) with
  | Some answer => answer
  | None =>
      match more with
      | O => BinTail.tail_at_most V x t d b e
      | S fewer => rounds fewer (one * one) V x t d b e
      end
  end.

Definition start : N := 2 ^ 96.
Definition doublings : nat := 11.

(** Pr(Bin(V, t / d) >= x) <= b / e. A median of one half is a tie at every precision. *)
Definition tail_at_most (V x t : N) (d : positive) (b : N) (e : positive) : bool :=
  (t <=? Npos d) &&
  (if V <? x then true
   else if (x =? 0) || (t =? Npos d) then Npos e <=? b
   else if t =? 0 then true
   else if (2 * t =? Npos d) && (2 * x =? N.succ V) then Npos e <=? b + b
   else rounds doublings start V x t d b e).

End Series.

(** ** One series *)

(** [S] is between the bounds, which are relative to [first], times [one]. *)
Definition encloses (one : N) (first S : nat) (z : N * option N) : Prop :=
  N.to_nat z.1 * first <= N.to_nat one * S /\
  forall h, z.2 = Some h -> N.to_nat one * S <= N.to_nat h * first.

Section Sum.
Variables (f : nat -> nat) (L : nat) (a D b one : N).
Let a' := N.to_nat a.
Let b' := N.to_nat b.
Let D' := N.to_nat D.
Hypotheses (b_gt0 : 0 < b') (D_gt0 : 0 < D').
Hypothesis ratio : forall j, j < L -> f j.+1 * ((j + D') * b') = f j * ((L - j) * a').

Import Series.

(** What the state says after [j] steps. *)
Definition after (j : nat) (z : state) : Prop :=
  [/\ j <= L, N.to_nat (left z) = L - j, N.to_nat (num z) = (L - j) * a'
    & N.to_nat (den z) = ((j + D') * b')%N] /\
  [/\ N.to_nat (lo z) * f 0 <= N.to_nat one * f j,
      N.to_nat one * f j <= N.to_nat (hi z) * f 0,
      N.to_nat (low z) * f 0 <= N.to_nat one * (\sum_(i < j.+1) f i)
    & (N.to_nat one * (\sum_(i < j.+1) f i) <= N.to_nat (high z) * f 0)%N].

Lemma den_gt0 j : 0 < (j + D') * b'.
Proof. by rewrite muln_gt0 addn_gt0 D_gt0 orbT. Qed.

Lemma after_step j z : j < L -> after j z -> after j.+1 (step a b z).
Proof.
move=> jL [[_ leftE numE denE] [lo_le hi_ge low_le high_ge]].
have d_gt0 := den_gt0 j; have eq_f := ratio jL.
have lo_next : N.to_nat (lo z * num z / den z)%num * f 0 <= N.to_nat one * f j.+1.
  rewrite -(leq_pmul2r d_gt0) -[leqRHS]mulnA eq_f divE mulE numE denE.
  have down := leq_trunc_div (N.to_nat (lo z) * ((L - j) * a')) ((j + D') * b').
  rewrite mulnAC (leq_trans (leq_mul down (leqnn (f 0)))) //.
  by rewrite mulnAC [leqRHS]mulnA leq_mul.
have hi_next : N.to_nat one * f j.+1 <= N.to_nat (N.succ (hi z * num z / den z)%num) * f 0.
  rewrite -(leq_pmul2r d_gt0) -[leqLHS]mulnA eq_f succE divE mulE numE denE.
  have up := ltnW (ltn_ceil (N.to_nat (hi z) * ((L - j) * a')) d_gt0).
  rewrite [leqRHS]mulnAC (leq_trans _ (leq_mul up (leqnn (f 0)))) //.
  by rewrite [leqRHS]mulnAC [leqLHS]mulnA leq_mul.
split; split=> //=.
- by rewrite !binE leftE subnS.
- by rewrite !binE numE subnS -subn1 [RHS]mulnBl mul1n.
- by rewrite !binE denE addSn mulSn addnC.
- by rewrite addE big_ord_recr /= mulnDl mulnDr leq_add.
- by rewrite addE big_ord_recr /= mulnDl mulnDr leq_add.
Qed.

Lemma after_loop depth enough z : (exists j, after j z) ->
  exists j, after j (loop depth enough a b z).
Proof.
elim: depth z => [|depth IH] z [j at_j] /=; case: ifPn => [_|more]; try by exists j.
  have jL : j < L.
    case: at_j => -[jL leftE _ _] _; move: more; rewrite /done negb_or eqbE leftE => /andP[].
    by rewrite subn_eq0 -ltnNge.
  by exists j.+1; apply: after_step.
by apply/IH/IH; exists j.
Qed.

Lemma falling j i : (L - j) * a' <= (j + D') * b' -> j <= i -> i <= L -> f i <= f j.
Proof.
move=> small; elim: i => [|i IH]; first by rewrite leqn0 => /eqP->.
rewrite leq_eqVlt => /predU1P[<- // | /ltnSE ji] iL; apply: leq_trans (IH ji (ltnW iL)).
rewrite -(leq_pmul2r (den_gt0 i)) ratio // leq_mul2l; apply/orP; right.
apply: leq_trans (leq_trans small _); first by rewrite leq_mul2r leq_sub2l ?orbT.
by rewrite leq_mul2r leq_add2r ji orbT.
Qed.

Lemma boundsP j z : after j z -> encloses one (f 0) (\sum_(i < L.+1) f i) (bounds z).
Proof.
case=> -[jL leftE numE denE] [lo_le hi_ge low_le high_ge].
have split_sum : (\sum_(i < L.+1) f i) = (\sum_(i < j.+1) f i) + (\sum_(j.+1 <= i < L.+1) f i).
  by rewrite -!(big_mkord xpredT) (big_cat_nat _ (n := j.+1)).
split; first by apply: leq_trans low_le _; rewrite split_sum leq_mul2l leq_addr orbT.
move=> h' /=; case: ifP => // can [<-].
have rest : (\sum_(j.+1 <= i < L.+1) f i) <= (L - j) * f j.
  case/orP: can => [|small].
    by rewrite eqbE leftE subn_eq0 => Lj; rewrite big_geq.
  rewrite lebE numE denE in small.
  rewrite -subSS -sum_nat_const_nat big_nat_cond [X in _ <= X]big_nat_cond.
  apply: leq_sum => i /andP[/andP[ji iL] _]; apply: falling => //; exact: ltnW.
rewrite split_sum mulnDr !binE mulnDl leq_add // leftE.
apply: leq_trans (leq_mul (leqnn _) rest) _.
by rewrite mulnCA -mulnA leq_mul2l hi_ge orbT.
Qed.

Lemma sumP enough count : N.to_nat count = L ->
  encloses one (f 0) (\sum_(i < L.+1) f i) (Series.sum one enough count a D b).
Proof.
move=> countE; have [|j at_j] := @after_loop Series.depth enough
    (State count (count * a) (D * b) one one one one); last exact: boundsP at_j.
by exists 0; split; split; rewrite /= ?subn0 ?big_ord1 ?mulE ?countE.
Qed.

End Sum.

(** ** Two series decide *)
Section Terms.
Variables (V x t s : nat).
Hypotheses (x_le : x <= V) (t_gt0 : 0 < t) (s_gt0 : 0 < s).

Definition term (i : nat) : nat := 'C(V, i) * t ^ i * s ^ (V - i).
Definition at_least : nat := \sum_(i < V.+1 | x <= i) term i.

Lemma term_gt0 i : i <= V -> 0 < term i.
Proof. by move=> iV; rewrite !muln_gt0 bin_gt0 iV !expn_gt0 t_gt0 s_gt0. Qed.

Lemma term_next i : i < V -> term i.+1 * (i.+1 * s) = term i * ((V - i) * t).
Proof.
move=> iV; rewrite /term expnS.
have -> : s ^ (V - i) = s * s ^ (V - i.+1) by rewrite -expnS -subSn // subSS.
have := mul_bin_left V i.
move: (i.+1) (V - i) (s ^ (V - i.+1)) (t ^ i) 'C(V, i) 'C(V, i.+1) => i' m S T B A eqAB.
transitivity (i' * A * (t * T * S * s)); first by nat_nia.
by rewrite eqAB; nat_nia.
Qed.

Lemma total : \sum_(i < V.+1) term i = (t + s) ^ V.
Proof.
rewrite addnC expnDn; apply: eq_bigr => i _; rewrite /term -!mulnA.
by congr (_ * _); rewrite mulnC.
Qed.

Let up j := term (x + j).
Let down j := term (x - j).

Lemma from_x : at_least = \sum_(x <= i < V.+1) term i.
Proof. by rewrite big_geq_mkord. Qed.

Lemma at_leastE : at_least = \sum_(j < (V - x).+1) up j.
Proof.
rewrite from_x -{1}[x]add0n big_addn subSn // big_mkord.
by apply: eq_bigr => j _; rewrite /up addnC.
Qed.

Lemma at_mostE : (t + s) ^ V + term x = at_least + \sum_(j < x.+1) down j.
Proof.
have -> : \sum_(j < x.+1) down j = \sum_(i < x.+1) term i.
  rewrite (reindex_inj rev_ord_inj) /=; apply: eq_bigr => j _.
  by rewrite /down subSS subKn // -ltnS.
rewrite -total -(big_mkord xpredT term) (big_cat_nat _ (n := x)) //=; last exact: leqW.
by rewrite -from_x big_ord_recr /= big_mkord addnAC addnC addnA.
Qed.

Lemma split_at_x : x <= V -> (t + s) ^ V = \sum_(i < x) term i + at_least.
Proof.
move=> le; rewrite -total -(big_mkord xpredT term) (big_cat_nat _ (n := x)) //=; last exact: leqW.
by rewrite -from_x big_mkord.
Qed.

End Terms.
