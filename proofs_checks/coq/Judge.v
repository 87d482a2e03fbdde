(** The judge of a certificate file, line by line, as the kernel decides it. *)
From Coq Require Import PArith NArith FMapPositive.
From mathcomp Require Import all_ssreflect.
From Bagcert Require Import Claims Checker Tails Series Printer Document.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** What is false on a line. *)
Inductive field := Abstention | Label | Lower | Upper | Radius | WorstSize | Accuracy.

(** [Unknown]: the proposal does not let the claim be decided; no reader may take it for false. *)
Inductive answer (T : Type) :=
  | Go (value : T)
  | False_claim (what : field)
  | Malformed
  | Unknown.
Arguments False_claim {T} what.
Arguments Malformed {T}.
Arguments Unknown {T}.

Module Judge.
Local Open Scope N_scope.

(** ** One header's levels *)

Definition pos (x : N) : positive := if x is Npos p then p else xH.

(** a = alpha / e or alpha, the level of one example; a = p / q. *)
Definition level_den (h : header) : positive :=
  match h_scope h with
  | Simultaneous => (pos (h_q h) * pos (h_examples h))%positive
  | Each => pos (h_q h)
  end.

(** The sign test's level: a / (100 (c - 1)). *)
Definition sign_den (h : header) : positive :=
  (level_den h * (100 * pos (N.pred (h_classes h))))%positive.

(** A bound's level. [selected]: a less (c - 1) sign tests; half of it where c > 2. *)
Definition bound_level (h : header) : N * positive :=
  match h_method h with
  | Simuem => (h_p h, level_den h * pos (h_classes h))%positive
  | Cohen => (h_p h, level_den h * 2)%positive
  | Selected => (99 * h_p h, (level_den h * (if (h_classes h =? 2)%num then 100 else 200))%positive)
  end.

(** All that the rows need of the header. *)
Record setting := Setting {
  header_of : header; level : N; over : positive; sign_over : positive
}.

Definition setting_of (h : header) : setting :=
  Setting h (bound_level h).1 (bound_level h).2 (sign_den h).

(** ** One row *)

Definition largest (xs : seq N) : N := foldr N.max 0 xs.

(** The label is the first of the largest counts; the runner-up's count. *)
Definition label_of (counts : seq N) : nat := index (largest counts) counts.
Definition second (counts : seq N) : N :=
  let l := label_of counts in largest (take l counts ++ drop (S l) counts).

(** t / 2^53 is a lower bound for x votes of N: no more than the tightest one. *)
Definition sound (z : setting) (x t : N) : bool :=
  (t <=? Npos Grid.one) &&
  ((t =? 0) || ((0 <? x) &&
    Series.tail_at_most (h_models (header_of z)) x t Grid.one (level z) (over z))).

(** The tightest one. *)
Definition tightest (z : setting) (x t : N) : bool := sound z x t && ~~ sound z x (N.succ t).

(** p_s = 1 - u / 2^53 for the larger u of two: p_l's, and (not [cohen]) the tightest lower
    bound for the votes that the runner-up did not get. *)
Definition tightest_above (z : setting) (ns tl ts : N) : bool :=
  let u := Npos Grid.one - ts in
  let rest := h_models (header_of z) - ns in
  (ts <=? Npos Grid.one) &&
  match h_method (header_of z) with
  | Cohen => u =? tl
  | _ => [&& tl <=? u, (u =? tl) || sound z rest u & ~~ sound z rest (N.succ u)]
  end.

(** The sign test of [selected]: Pr(Bin(n_l + n_s, 1/2) >= n_l) at its level. *)
Definition selects (z : setting) (nl ns : N) : bool :=
  match h_method (header_of z) with
  | Selected => Series.tail_at_most (nl + ns) nl 1 2 (h_p (header_of z)) (sign_over z)
  | _ => true
  end.

Definition holds (z : setting) (tl ts : N) (stated : claim N) : bool :=
  let h := header_of z in
  Bin.check (h_attack h) (h_residual h) (h_n h) (h_k h) tl ts Grid.one stated.

(** Which of a false certificate's statements is false first. *)
Definition why_false (z : setting) (tl ts r : N) : field :=
  let h := header_of z in
  let M := h_n h ^ h_k h in
  let '(s, low, high) := Bin.scaled (h_residual h) M tl ts (Npos Grid.one) in
  if (tl <=? ts) || (low <=? high) then Abstention
  else if (r <? h_n h) && Bin.radius_test (h_attack h) (h_k h) s low high M (h_n h) r
  then WorstSize else Radius.

(** [witness]: the tightest bounds of an abstention, which the file does not state. *)
Definition row (z : setting) (r : row) (witness : N * N) : answer unit :=
  let counts := r_counts r in
  let nl := largest counts in
  let ns := second counts in
  let selected := selects z nl ns in
  let '(tl, ts) := witness in
  let abstains stated :=
    if ~~ selected then False_claim Abstention
    else if ~~ (tightest z nl tl && tightest_above z ns tl ts) then Unknown
    else if holds z tl ts stated then Go tt else False_claim Abstention in
  match r_outcome r with
  | Abstain Selection => if selected then False_claim Abstention else Go tt
  | Abstain Bounds => abstains AbstainBounds
  | Abstain NoGap => abstains AbstainResidual
  | Certificate label low up radius worst =>
      if ~~ selected then False_claim Abstention
      else if ~~ (label =? N.of_nat (label_of counts)) then False_claim Label
      else
        match Grid.read low, Grid.read up with
        | Some tl, other =>
            if ~~ tightest z nl tl then False_claim Lower
            else if other is Some ts then
              if ~~ tightest_above z ns tl ts then False_claim Upper
              else if (radius <? h_n (header_of z)) &&
                      holds z tl ts (Certified radius worst) then Go tt
              else False_claim (why_false z tl ts radius)
            else False_claim Upper
        | None, _ => False_claim Lower
        end
  end.

(** ** One file *)

(** [next]: the least index to come; [seen]: rows; [labelled]: whether rows have truth;
    correct certified rows by radius + 1, how many of them, and of how many radii. *)
Record state := State {
  next : N; seen : N; labelled : option bool;
  correct : PositiveMap.t N; certified : N; radii : N
}.

Definition initial : state := State 0 0 None (PositiveMap.empty N) 0 0.

(** The bytes are the print of what is proposed. *)
Definition prints (line : text) (j : json) : bool := Print.proper j && (Print.line j == line).

Definition start (line : text) (h : header) : answer setting :=
  if prints line (Encode.header h) && Limit.header h then Go (setting_of h) else Malformed.

Definition counted (m : PositiveMap.t N) (r : N) : N :=
  if PositiveMap.find (N.succ_pos r) m is Some k then k else 0.

Definition is_correct (r : Document.row) : option N :=
  match r_outcome r, r_truth r with
  | Certificate label _ _ radius _, Some y => if label =? y then Some radius else None
  | _, _ => None
  end.

Definition tally (st : state) (r : Document.row) : state :=
  let known := State (N.succ (r_index r)) (N.succ (seen st)) (Some (isSome (r_truth r))) in
  if is_correct r is Some radius then
    let k := counted (correct st) radius in
    known (PositiveMap.add (N.succ_pos radius) (N.succ k) (correct st)) (N.succ (certified st))
      (if k =? 0 then N.succ (radii st) else radii st)
  else known (correct st) (certified st) (radii st).

Definition in_order (st : state) (r : Document.row) : bool :=
  (next st <=? r_index r) &&
  (if labelled st is Some known then known == isSome (r_truth r) else true).

Definition expects_row (z : setting) (st : state) : bool := seen st <? h_examples (header_of z).

(** Bytes of the longest line that may come next, its end included. *)
Definition longest (z : setting) (st : state) : N :=
  if expects_row z st then Limit.most_line else N.max Limit.most_line (64 * radii st + 256).

Definition take_row (z : setting) (st : state) (line : text) (r : Document.row)
    (witness : N * N) : answer state :=
  if ~~ [&& expects_row z st, prints line (Encode.row r), Limit.row (header_of z) r
          & in_order st r] then Malformed
  else match row z r witness with
  | Go _ => Go (tally st r)
  | False_claim what => False_claim what
  | Malformed => Malformed
  | Unknown => Unknown
  end.

(** Rows that are correct with at least the first radius; that radius. *)
Fixpoint accumulated (m : PositiveMap.t N) (pairs : seq (seq N)) : option (N * option N) :=
  match pairs with
  | [::] => Some (0, None)
  | [:: r; total] :: more =>
      match accumulated m more with
      | Some (above, following) =>
          if [&& (if following is Some r' then r <? r' else true), 0 <? counted m r
               & total == above + counted m r]
          then Some (total, Some r) else None
      | None => None
      end
  | _ => None
  end.

Definition accurate (st : state) (pairs : seq (seq N)) : bool :=
  if accumulated (correct st) pairs is Some (total, _) then total == certified st else false.

Definition finish (z : setting) (st : state) (digest line : text) (s : summary) : answer unit :=
  if ~~ (Limit.summary s &&
         [&& seen st == h_examples (header_of z), prints line (Encode.summary s),
             s_count s == h_examples (header_of z), s_digest s == digest
           & labelled st == Some (isSome (s_accuracy s))]) then Malformed
  else if s_accuracy s is Some pairs then
    if accurate st pairs then Go tt else False_claim Accuracy
  else Go tt.

End Judge.
