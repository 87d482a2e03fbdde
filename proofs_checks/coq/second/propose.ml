(* Reads a line of a certificate file and proposes what it states. Nothing here is trusted to
   accept: the judge prints a proposal and compares the bytes. So this reads the canonical
   spelling and fails on much else; [Refused] means that no proposal would print as the line. *)
open Judge

exception Refused

type value =
  | Number of Z.t
  | Text of int list
  | List of value list
  | Object of (int list * value) list

(* Python's int() refuses longer numbers, and the kernel with it. *)
let most_digits = 4299
let most_depth = 4

let parse line =
  let at = ref 0 in
  let peek () = if !at < String.length line then line.[!at] else raise Refused in
  let next () = let c = peek () in incr at; c in
  let expect c = if next () <> c then raise Refused in
  let hex c =
    match c with
    | '0' .. '9' -> Char.code c - 48
    | 'a' .. 'f' -> Char.code c - 87
    | _ -> raise Refused
  in
  let escape () =
    match next () with
    | ('"' | '\\') as c -> Char.code c
    | 'n' -> 10 | 'r' -> 13 | 't' -> 9 | 'f' -> 12 | 'b' -> 8
    | 'u' ->
        let a = hex (next ()) in
        let b = hex (next ()) in
        let c = hex (next ()) in
        let d = hex (next ()) in
        (((a * 16) + b) * 16 + c) * 16 + d
    | _ -> raise Refused
  in
  let rec units so_far =
    match next () with
    | '"' -> List.rev so_far
    | '\\' -> units (escape () :: so_far)
    | c -> units (Char.code c :: so_far)
  in
  let number () =
    let start = !at in
    while (match peek () with '0' .. '9' -> true | _ -> false) do incr at done;
    if !at = start || !at - start > most_digits then raise Refused;
    Z.of_string (String.sub line start (!at - start))
  in
  let series stop item =
    if peek () = stop then (incr at; [])
    else
      let rec more so_far =
        let so_far = item () :: so_far in
        match next () with
        | ',' -> more so_far
        | c when c = stop -> List.rev so_far
        | _ -> raise Refused
      in
      more []
  in
  let rec value depth =
    if depth = 0 then raise Refused;
    match peek () with
    | '"' -> incr at; Text (units [])
    | '[' -> incr at; List (series ']' (fun () -> value (depth - 1)))
    | '{' -> incr at; Object (series '}' (fun () -> field (depth - 1)))
    | _ -> Number (number ())
  and field depth =
    expect '"';
    let key = units [] in
    expect ':';
    (key, value depth)
  in
  let found = value most_depth in
  expect '\n';
  if !at <> String.length line then raise Refused;
  found

(* --- what the values state ------------------------------------------------------------------ *)

let text units = List.map Z.of_int units
let ascii units =
  if List.for_all (fun u -> u < 128) units
  then String.of_seq (Seq.map Char.chr (List.to_seq units)) else raise Refused

let fields line =
  match parse line with
  | Object fields -> List.map (fun (key, value) -> (ascii key, value)) fields
  | _ -> raise Refused

let number = function Number n -> n | _ -> raise Refused
let words = function Text units -> text units | _ -> raise Refused
let word = function Text units -> ascii units | _ -> raise Refused
let list item = function List values -> List.map item values | _ -> raise Refused
let one_of choices value = try List.assoc (word value) choices with Not_found -> raise Refused

let optional key read = function
  | (found, value) :: rest when found = key -> (Some (read value), rest)
  | rest -> (None, rest)

let note = function key, Text units -> (text key, text units) | _ -> raise Refused
let notes = function Object fields -> List.map note fields | _ -> raise Refused

let methods = [ ("simuem", Simuem); ("cohen", Cohen); ("selected", Selected) ]
let scopes = [ ("simultaneous", Simultaneous); ("each", Each) ]
let attacks = [ ("any", Any); ("modify", Modify); ("delete", Delete); ("insert", Insert) ]
let residuals = [ ("paper", Paper); ("none", NoResidual); ("integral", Integral) ]
let reasons = [ ("selection", Selection); ("bounds", Bounds); ("residual", NoGap) ]

let alpha value =
  match String.split_on_char '/' (word value) with
  | [ p; q ] -> (
      try (Z.of_string_base 10 p, Z.of_string_base 10 q) with Invalid_argument _ -> raise Refused)
  | _ -> raise Refused

let header line =
  match fields line with
  | ("format", _) :: ("n", n) :: ("k", k) :: ("classes", c) :: ("models", m) :: ("examples", e)
    :: ("alpha", level) :: ("method", how) :: ("scope", scope) :: ("attack", attack)
    :: ("residual", residual) :: rest ->
      let names, rest = optional "class_names" (list words) rest in
      let notes, rest =
        match rest with
        | [ ("provenance", found) ] -> (Some (notes found), [])
        | rest -> (None, rest)
      in
      if rest <> [] then raise Refused;
      let p, q = alpha level in
      { h_n = number n; h_k = number k; h_classes = number c; h_models = number m;
        h_examples = number e; h_p = p; h_q = q; h_method = one_of methods how;
        h_scope = one_of scopes scope; h_attack = one_of attacks attack;
        h_residual = one_of residuals residual; h_names = names; h_notes = notes }
  | _ -> raise Refused

let row line =
  match fields line with
  | ("index", index) :: ("counts", counts) :: rest ->
      let outcome, rest =
        match rest with
        | ("abstain", why) :: rest -> (Abstain (one_of reasons why), rest)
        | ("label", label) :: ("p_lower", low) :: ("p_upper", up) :: ("radius", radius) :: rest ->
            let worst, rest = optional "worst_size" number rest in
            (Certificate (number label, words low, words up, number radius, worst), rest)
        | _ -> raise Refused
      in
      let truth, rest = optional "truth" number rest in
      if rest <> [] then raise Refused;
      { r_index = number index; r_counts = list number counts; r_outcome = outcome;
        r_truth = truth }
  | _ -> raise Refused

let summary line =
  match fields line with
  | ("count", count) :: ("sha256", digest) :: rest ->
      let accuracy, rest = optional "certified_accuracy" (list (list number)) rest in
      if rest <> [] then raise Refused;
      { s_count = number count; s_digest = words digest; s_accuracy = accuracy }
  | _ -> raise Refused

(* --- the bounds of an abstention, which the file does not state -------------------------------- *)

let grid = Z.shift_left Z.one 53

(* The largest sound t for x votes; remembered, since the judge tests it anew. *)
let tightest setting =
  let known = Hashtbl.create 1000 in
  fun x ->
    match Hashtbl.find_opt known x with
    | Some t -> t
    | None ->
        let rec search low high =
          if Z.sub high low <= Z.one then low
          else
            let middle = Z.shift_right (Z.add low high) 1 in
            if Judge.sound setting x middle then search middle high else search low middle
        in
        let t = search Z.zero (Z.succ grid) in
        Hashtbl.add known x t;
        t

let witness setting =
  let tightest = tightest setting in
  fun row ->
    match row.r_outcome with
    | Abstain (Bounds | NoGap) ->
        let h = setting.Judge.header_of in
        let t_l = tightest (Judge.largest row.r_counts) in
        let u =
          match h.h_method with
          | Cohen -> t_l
          | Simuem | Selected ->
              Z.max t_l (tightest (Z.sub h.h_models (Judge.second row.r_counts)))
        in
        (t_l, Z.sub grid u)
    | _ -> (Z.zero, Z.zero)
