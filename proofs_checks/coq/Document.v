(** The certificate file: what its lines state, how they are spelled (DESIGN: canonical), and
    which of them cannot be a certificate's. [encode_document_inj]: the values on the lines
    determine the statements; with [Printer.lines_inj], so do the bytes. *)
From Coq Require Import PArith NArith String.
From mathcomp Require Import all_ssreflect.
From Bagcert Require Import Claims Printer.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Inductive method := Simuem | Cohen | Selected.
Inductive scope := Simultaneous | Each.
Inductive reason := Selection | Bounds | NoGap.

(** alpha = p / q; [notes] is the provenance. *)
Record header := Header {
  h_n : N; h_k : N; h_classes : N; h_models : N; h_examples : N;
  h_p : N; h_q : N; h_method : method; h_scope : scope; h_attack : attack;
  h_residual : residual; h_names : option (seq text); h_notes : option (seq (text * text))
}.

(** Bounds are stated as they are spelled. *)
Inductive outcome :=
  | Abstain (why : reason)
  | Certificate (label : N) (low up : text) (radius : N) (worst : option N).

Record row := Row { r_index : N; r_counts : seq N; r_outcome : outcome; r_truth : option N }.

Record summary := Summary {
  s_count : N; s_digest : text; s_accuracy : option (seq (seq N))
}.

(** ** The words of the format *)
Module Word.
Local Open Scope string_scope.
Local Notation word s := (ltac:(let w := eval compute in (ascii_text s) in exact w)) (only parsing).
Definition format : text := word "format".
Definition format_1 : text := word "bagcert-certificate/1".
Definition n : text := word "n".
Definition k : text := word "k".
Definition classes : text := word "classes".
Definition models : text := word "models".
Definition examples : text := word "examples".
Definition alpha : text := word "alpha".
Definition method : text := word "method".
Definition simuem : text := word "simuem".
Definition cohen : text := word "cohen".
Definition selected : text := word "selected".
Definition scope : text := word "scope".
Definition simultaneous : text := word "simultaneous".
Definition each : text := word "each".
Definition attack : text := word "attack".
Definition any : text := word "any".
Definition modify : text := word "modify".
Definition delete : text := word "delete".
Definition insert : text := word "insert".
Definition residual : text := word "residual".
Definition paper : text := word "paper".
Definition none : text := word "none".
Definition integral : text := word "integral".
Definition class_names : text := word "class_names".
Definition provenance : text := word "provenance".
Definition index : text := word "index".
Definition counts : text := word "counts".
Definition abstain : text := word "abstain".
Definition selection : text := word "selection".
Definition bounds : text := word "bounds".
Definition label : text := word "label".
Definition p_lower : text := word "p_lower".
Definition p_upper : text := word "p_upper".
Definition radius : text := word "radius".
Definition worst_size : text := word "worst_size".
Definition truth : text := word "truth".
Definition count : text := word "count".
Definition sha256 : text := word "sha256".
Definition certified_accuracy : text := word "certified_accuracy".
Definition zero : text := word "0x0.0p+0".
Definition point : text := word "0x1.".
End Word.

(** ** Spelling *)
Module Encode.

Definition alpha (p q : N) : text := Print.digits p (47%num :: Print.digits q [::]).

Definition method (m : method) : text :=
  match m with Simuem => Word.simuem | Cohen => Word.cohen | Selected => Word.selected end.

Definition scope (s : scope) : text :=
  match s with Simultaneous => Word.simultaneous | Each => Word.each end.

Definition attack (a : attack) : text :=
  match a with
  | Any => Word.any | Modify => Word.modify | Delete => Word.delete | Insert => Word.insert
  end.

Definition residual (e : residual) : text :=
  match e with Paper => Word.paper | NoResidual => Word.none | Integral => Word.integral end.

Definition reason (why : reason) : text :=
  match why with
  | Selection => Word.selection | Bounds => Word.bounds | NoGap => Word.residual
  end.

Definition optional (T : Type) (key : text) (value : T -> json) (o : option T) :
    seq (text * json) :=
  if o is Some x then [:: (key, value x)] else [::].

Definition header (h : header) : json := Object (
  [:: (Word.format, Words Word.format_1); (Word.n, Number (h_n h)); (Word.k, Number (h_k h));
      (Word.classes, Number (h_classes h)); (Word.models, Number (h_models h));
      (Word.examples, Number (h_examples h)); (Word.alpha, Words (alpha (h_p h) (h_q h)));
      (Word.method, Words (method (h_method h))); (Word.scope, Words (scope (h_scope h)));
      (Word.attack, Words (attack (h_attack h)));
      (Word.residual, Words (residual (h_residual h)))] ++
  optional Word.class_names (fun names => List (map Words names)) (h_names h) ++
  optional Word.provenance
    (fun notes => Object (map (fun note => (note.1, Words note.2)) notes)) (h_notes h)).

Definition outcome (o : outcome) : seq (text * json) :=
  match o with
  | Abstain why => [:: (Word.abstain, Words (reason why))]
  | Certificate label low up radius worst =>
      [:: (Word.label, Number label); (Word.p_lower, Words low); (Word.p_upper, Words up);
          (Word.radius, Number radius)] ++ optional Word.worst_size Number worst
  end.

Definition row (r : row) : json := Object (
  [:: (Word.index, Number (r_index r)); (Word.counts, List (map Number (r_counts r)))] ++
  outcome (r_outcome r) ++ optional Word.truth Number (r_truth r)).

Definition summary (s : summary) : json := Object (
  [:: (Word.count, Number (s_count s)); (Word.sha256, Words (s_digest s))] ++
  optional Word.certified_accuracy
    (fun pairs => List (map (fun pair => List (map Number pair)) pairs)) (s_accuracy s)).

Definition document (h : Document.header) (rows : seq Document.row) (s : Document.summary) :
    seq json :=
  header h :: rcons (map row rows) (summary s).

End Encode.

(** ** The grid of 2^-53 *)
Module Grid.
Local Open Scope N_scope.

Definition bits : N := 53.
Definition one : positive := 9007199254740992. (* 2^53 *)
Definition half : N := 4503599627370496. (* 2^52 *)

(** The lowest [count] hexadecimal digits of x. *)
Fixpoint hex_digits (count : nat) (x : N) (rest : text) : text :=
  match count with
  | O => rest
  | S less => hex_digits less (x / 16) (Print.hex_digit (x mod 16) :: rest)
  end.

(** t / 2^53 as Python's float.hex spells it, for t <= 2^53. *)
Definition spelled (t : N) : text :=
  if t =? 0 then Word.zero else
  let size := N.size t in
  let after := t * 2 ^ bits / 2 ^ size - half in
  let down := 54 - size in
  Word.point ++ hex_digits 13 after
    (112 :: if down =? 0 then [:: 43; 48] else 45 :: Print.digits down [::]).

Definition is_hex (c : N) : bool := Read.is_digit c || ((97 <=? c) && (c <=? 102)).

Definition hex_value (t : text) : N := foldl (fun v c => 16 * v + Read.unhex c) 0 t.

(** 0x1.HHHHHHHHHHHHHp-E, or with 0 before the point or with + before E; E below 10^4. *)
Definition shaped (t : text) : bool :=
  (t == Word.zero) ||
  match t with
  | z :: x :: lead :: dot :: rest =>
      [&& z == 48, x == 120, (lead == 48) || (lead == 49), dot == 46,
          size (take 13 rest) == 13%N, all is_hex (take 13 rest)
        & match drop 13 rest with
          | p :: sign :: first :: more =>
              (p == 112) &&
              [|| [&& sign == 43, first == 48 & nilp more]
                | [&& (sign == 43) || (sign == 45), Read.is_digit first, first != 48,
                      all Read.is_digit more & (size more <= 3)%N]]
          | _ => false
          end]
  | _ => false
  end.

(** The t of which a text is the spelling. *)
Definition read (text : text) : option N :=
  let after := hex_value (take 13 (drop 4 text)) in
  let down := fst (Read.number 0 (drop 19 text)) in
  let t := if text == Word.zero then 0
           else if down =? 0 then Npos one else (half + after) / 2 ^ (down - 1) in
  if (t <=? Npos one) && (spelled t == text) then Some t else None.

End Grid.

(** ** What cannot be a certificate: limits and structure *)
Module Limit.
Local Open Scope N_scope.
Definition most_n : N := 1000000000000.
Definition most_models : N := 1000000.
Definition most_classes : N := 65536.
Definition most_examples : N := 100000000.
Definition most_power_bits : N := 1048576.
Definition most_stated : N := 100000000000000000000. (* not included *)
Definition most_line : N := 1048576.
Definition most_name : N := 256.
Definition most_notes : nat := 64.
Definition most_alpha : nat := 40.

Definition between (low x high : N) : bool := (low <=? x) && (x <=? high).

(** Characters of a string: a high and a low surrogate together are one. *)
Fixpoint characters (us : text) : N :=
  match us with
  | a :: (b :: rest) as more =>
      if between 55296 a 56319 && between 56320 b 57343 then N.succ (characters rest)
      else N.succ (characters more)
  | [:: _] => 1
  | [::] => 0
  end.

Definition short (us : text) : bool := characters us <=? most_name.

(** Different short strings have different codes. *)
Definition code (us : text) : N := foldl (fun v u => 65536 * v + u + 1) 0 us.

Definition different (names : seq text) : bool := sorted N.ltb (sort N.leb (map code names)).

Definition header (h : header) : bool :=
  [&& between 1 (h_n h) most_n, 0 <? h_k h, h_k h * N.size (h_n h) <=? most_power_bits,
      between 2 (h_classes h) most_classes, between 1 (h_models h) most_models,
      between 1 (h_examples h) most_examples, 0 <? h_p h, h_p h <? h_q h,
      N.gcd (h_p h) (h_q h) == 1, (size (Encode.alpha (h_p h) (h_q h)) <= most_alpha)%N,
      (if h_names h is Some names then
         [&& N.of_nat (size names) == h_classes h, all short names & different names]
       else true)
    & (if h_notes h is Some notes then
         [&& (size notes <= most_notes)%N, uniq (map fst notes), all short (map fst notes)
           & all short (map snd notes)]
       else true)].

Definition outcome (classes : N) (o : outcome) : bool :=
  match o with
  | Abstain _ => true
  | Certificate label low up radius worst =>
      [&& label <? classes, Grid.shaped low, Grid.shaped up, radius <? most_stated
        & (if worst is Some w then w <? most_stated else true)]
  end.

Definition row (h : Document.header) (r : row) : bool :=
  [&& r_index r <? most_n, N.of_nat (size (r_counts r)) == h_classes h,
      foldr N.add 0 (r_counts r) == h_models h, outcome (h_classes h) (r_outcome r)
    & (if r_truth r is Some y then y <? h_classes h else true)].

(** A radius, and rows that are correct with at least that radius. *)
Definition accuracy (pair : seq N) : bool :=
  (size pair == 2%num) && all (fun x => x <? most_stated) pair.

Definition summary (s : summary) : bool :=
  if s_accuracy s is Some pairs then all accuracy pairs else true.

End Limit.
