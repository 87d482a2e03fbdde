(** What the checker rests on, over [nat]: eq (7) by comparing neighbours, and why
    the modification attack decides (4) for every size. *)
From Coq Require Import Ring.
From mathcomp Require Import all_ssreflect.
From Bagcert Require Import Arith.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Add Ring nat_as_semi_ring : nat_semi_ring.

(** The left side of (4) grows from the size [x] to [x + 1], at budget [s]: its part
    that depends on the size, x^k - 2 (x-s)^k, with the negative terms moved across. *)
Definition rises (k s x : nat) : bool :=
  x ^ k + 2 * (x.+1 - s) ^ k < x.+1 ^ k + 2 * (x - s) ^ k.

(** (x+1)^(e+1) - x^(e+1), as a sum without subtraction. *)
Definition term (e x i : nat) : nat := x.+1 ^ (e - i) * x ^ i.
Definition step (e x : nat) : nat := \sum_(i < e.+1) term e x i.

Lemma step_eq e x : x.+1 ^ e.+1 = x ^ e.+1 + step e x.
Proof.
have le : x ^ e.+1 <= x.+1 ^ e.+1 by rewrite leq_exp2r.
by rewrite -{1}(subnKC le) subn_exp subSnn mul1n.
Qed.

Lemma step_gt0 e x : 0 < step e x.
Proof. by rewrite -(ltn_add2l (x ^ e.+1)) addn0 -step_eq ltn_exp2r. Qed.

Lemma leq_mul3 a b c a' b' c' :
  a <= a' -> b <= b' -> c <= c' -> a * b * c <= a' * b' * c'.
Proof. by move=> ? ? ?; do 2?[apply: leq_mul]. Qed.

Lemma term_exchange e x y i j : y <= x -> i <= e -> j <= e ->
  term e x.+1 i * term e y j <= term e x j * term e y.+1 i.
Proof.
move=> yx ie je; rewrite /term.
have a v : (x.+2 * y.+1) ^ v <= (x.+1 * y.+2) ^ v.
  by apply: leq_pow; rewrite mulSn [_ * y.+2]mulnS leq_add2r.
have b v : (x.+1 * y) ^ v <= (x * y.+1) ^ v.
  by apply: leq_pow; rewrite mulSn mulnS leq_add2r.
have c v : (x.+2 * y) ^ v <= (x * y.+2) ^ v.
  by apply: leq_pow; rewrite !mulSn !mulnS !addnA leq_add2r leq_add.
case: (leqP i j) => [ij | /ltnW ji].
- have [u def_j] : exists u, j = i + u by exists (j - i); rewrite subnKC.
  have [v def_e] : exists v, e = i + u + v by exists (e - j); rewrite -def_j subnKC.
  have -> : e - i = u + v by rewrite def_e -addnA addKn.
  have -> : e - j = v by rewrite def_e def_j addKn.
  rewrite def_j; have := leq_mul3 (a v) (c u) (b i); rewrite !expnMn !expnD.
  by congr (_ <= _); ring.
- have [u def_i] : exists u, i = j + u by exists (i - j); rewrite subnKC.
  have [v def_e] : exists v, e = j + u + v by exists (e - i); rewrite -def_i subnKC.
  have -> : e - j = u + v by rewrite def_e -addnA addKn.
  have -> : e - i = v by rewrite def_e def_i addKn.
  rewrite def_i; have := leq_mul3 (a v) (leqnn ((x.+1 * y.+1) ^ u)) (b j).
  by rewrite !expnMn !expnD; congr (_ <= _); ring.
Qed.

(** The ratio of the two brackets of eq (7) does not grow with the size. *)
Lemma step_exchange e x y : y <= x -> step e x.+1 * step e y <= step e x * step e y.+1.
Proof.
move=> yx; rewrite /step.
have -> : (\sum_(i < e.+1) term e x.+1 i) * (\sum_(j < e.+1) term e y j)
   = \sum_(i < e.+1) \sum_(j < e.+1) term e x.+1 i * term e y j.
  by rewrite big_distrl; apply: eq_bigr => i _; rewrite big_distrr.
have -> : (\sum_(j < e.+1) term e x j) * (\sum_(i < e.+1) term e y.+1 i)
   = \sum_(i < e.+1) \sum_(j < e.+1) term e x j * term e y.+1 i.
  by rewrite big_distrr; apply: eq_bigr => i _; rewrite big_distrl.
apply: leq_sum => i _; apply: leq_sum => j _.
by apply: term_exchange => //; rewrite -ltnS.
Qed.

Section Sizes.
Variables (k s : nat).
Hypothesis k_gt0 : 0 < k.

Lemma rises_step x : s <= x -> rises k s x = (2 * step k.-1 (x - s) < step k.-1 x).
Proof.
move=> sx; rewrite /rises subSn // -{1 2 3 4}(prednK k_gt0) !step_eq mulnDr.
by rewrite addnA [in X in _ < X]addnAC ltn_add2l.
Qed.

(** Eq (7): once the left side does not grow, it never grows again. *)
Lemma rises_before x : s <= x -> rises k s x.+1 -> rises k s x.
Proof.
move=> sx; rewrite !rises_step ?(leqW sx) // subSn // => up.
rewrite ltnNge; apply: contraL up => down; rewrite -leqNgt.
rewrite -(leq_pmul2r (step_gt0 k.-1 (x - s))).
apply: (leq_trans (step_exchange _ (leq_subr s x))).
by apply: (leq_trans (leq_mul down (leqnn _))); rewrite mulnAC.
Qed.

Lemma rises_below x y : s <= x -> x <= y -> rises k s y -> rises k s x.
Proof.
move=> sx xy; rewrite -(subnKC xy); elim: (y - x) => [|t IH]; first by rewrite addn0.
by rewrite addnS => /rises_before up; apply/IH/up; rewrite (leq_trans sx) ?leq_addr.
Qed.

(** Two neighbours never tie: their left sides differ by an odd number. *)
Lemma falls_strictly x :
  ~~ rises k s x -> x.+1 ^ k + 2 * (x - s) ^ k < x ^ k + 2 * (x.+1 - s) ^ k.
Proof.
rewrite /rises -leqNgt leq_eqVlt => /orP[/eqP tie | //].
have /(congr1 odd) := tie.
by rewrite !mul2n !oddD !odd_double !addbF !oddX eqn0Ngt k_gt0 /=; case: (odd x).
Qed.

End Sizes.

(** Modification is the worst attack: where a growing size could raise the left side
    of (4), that is where n^k >= 2 (n-r)^k, (4) fails already at n' = n. *)
Lemma modification_is_worst k n m t : m <= n -> n ^ k < 2 * m ^ k ->
  (n + t) ^ k + 2 * m ^ k <= n ^ k + 2 * (m + t) ^ k.
Proof.
move=> mn small.
have m_gt0 : 0 < m ^ k by case: (m ^ k) small.
have grow : (n + t) ^ k * m ^ k <= n ^ k * (m + t) ^ k.
  by rewrite -!expnMn leq_pow // mulnDl mulnDr leq_add2l mulnC leq_mul2r mn orbT.
have le : m ^ k <= (m + t) ^ k by rewrite leq_pow // leq_addr.
move: grow; rewrite -(subnKC le); move: (_ - _) => d.
rewrite !mulnDr => grow; rewrite addnCA addnC leq_add2l.
rewrite -(leq_pmul2r m_gt0); apply: (leq_trans grow); rewrite mulnDl leq_add2l.
by rewrite [in leqRHS]mulnAC leq_mul2r ltnW ?orbT.
Qed.
