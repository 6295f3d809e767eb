package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/french"
)

// elections are the commands after `portal election`. They need neither a database nor
// settings: anybody may run them, on any machine.
var elections = map[string]command{
	"verify": verifyElection,
}

// election runs one of them.
func election(ctx context.Context, c config, args []string) error {
	if len(args) == 0 || elections[args[0]] == nil {
		return errUsage
	}
	return elections[args[0]](ctx, c, args[1:])
}

// verifyElection re-checks an archive: FILE.bel, and heads of its chain that were
// published, which must be on it.
func verifyElection(ctx context.Context, _ config, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	heads := make([][32]byte, len(args)-1)
	for i, typed := range args[1:] {
		head, err := hex.DecodeString(strings.ToLower(typed))
		if err != nil || len(head) != len(heads[i]) {
			return errUsage
		}
		copy(heads[i][:], head)
	}
	file, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer file.Close()
	start := time.Now()
	report, err := belenios.Verify(ctx, file)
	if err != nil {
		return refusal(err)
	}
	printElection(report, time.Since(start))
	for i, head := range heads {
		if !report.Contains(head) {
			return fmt.Errorf("l’empreinte publiée %s n’est pas dans cette urne : l’urne a été réécrite", args[1+i])
		}
		fmt.Printf("Empreinte publiée %s : elle est dans l’urne.\n", args[1+i])
	}
	return nil
}

// readable is a text of somebody else's file, without what would command the terminal.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '\ufffd'
	}, s)
}

// printElection tells what was checked.
func printElection(r *belenios.Report, took time.Duration) {
	fmt.Printf("Urne « %s » : tout est vérifié, en %s s.\n", r.Election.Name, french.Decimal(took.Seconds(), 1))
	fmt.Printf("  Empreinte de l’élection : %s\n", r.Fingerprint)
	fmt.Printf("  Empreinte de l’ouverture : %x\n", r.Setup)
	fmt.Printf("  Tête de la chaîne : %x (événement n° %d)\n", r.Heads[len(r.Heads)-1], len(r.Heads)-1)
	fmt.Printf("  %s\n", french.Count(len(r.Trustees), "clé, avec sa preuve de possession", "clés, avec leur preuve de possession"))
	for i, t := range r.Trustees {
		fmt.Printf("    n° %d : %s\n", i+1, t.Fingerprint())
	}
	fmt.Printf("  %s sur la liste\n", french.Count(r.Credentials, "code public", "codes publics"))
	fmt.Printf("  %s, aux preuves justes, sans doublon\n", french.Count(r.Ballots, "bulletin compté", "bulletins comptés"))
	if replaced := r.Posted - r.Ballots; replaced > 0 {
		fmt.Printf("  %s par un vote ultérieur du même code\n", french.Count(replaced, "bulletin remplacé", "bulletins remplacés"))
	}
	switch {
	case !r.Closed:
		fmt.Println("  Le scrutin n’est pas clos.")
	case r.Counts == nil:
		fmt.Printf("  Le scrutin est clos ; %s sur %d.\n", french.Count(r.Partials, "déchiffrement partiel", "déchiffrements partiels"), len(r.Trustees))
	default:
		printResult(r)
	}
}

// printResult writes the counts of each question.
func printResult(r *belenios.Report) {
	fmt.Println("  Le résultat est celui que donnent les bulletins et toutes les clés :")
	for i, q := range r.Election.Questions {
		fmt.Printf("  %s\n", readable(q.Question))
		counts := r.Counts[i]
		if q.Blank {
			fmt.Printf("    %6d  vote blanc\n", counts[0])
			counts = counts[1:]
		}
		for j, name := range q.Answers {
			fmt.Printf("    %6d  %s\n", counts[j], readable(name))
		}
	}
}

// refusals say what was found wrong.
var refusals = map[belenios.Fault]string{
	belenios.Malformed:         "le fichier n’est pas une urne, ou il est abîmé",
	belenios.NotCanonical:      "une partie du fichier n’a pas la forme prescrite",
	belenios.TooLarge:          "le fichier dépasse les bornes d’une élection",
	belenios.OutsideGroup:      "un nombre n’est pas dans le groupe",
	belenios.OutOfRange:        "un nombre d’une preuve est trop grand",
	belenios.WrongParameters:   "les paramètres de l’élection ne conviennent pas",
	belenios.WrongPossession:   "une clé n’a pas de preuve de possession juste",
	belenios.BadCredentials:    "la liste des codes publics n’est pas triée ou se répète",
	belenios.WrongElection:     "un bulletin est pour une autre élection",
	belenios.WrongShape:        "il manque une partie, ou il y en a une de trop",
	belenios.WrongProof:        "une preuve d’un bulletin est fausse",
	belenios.WrongSignature:    "la signature d’un bulletin est fausse",
	belenios.UnknownCredential: "un bulletin a un code qui n’est pas sur la liste",
	belenios.DuplicateBallot:   "un bulletin est là deux fois",
	belenios.WrongChain:        "la chaîne des événements est rompue",
	belenios.WrongOrder:        "un événement n’est pas à sa place",
	belenios.WrongTally:        "la somme enregistrée n’est pas celle des bulletins",
	belenios.WrongPartial:      "un déchiffrement partiel est faux",
	belenios.WrongResult:       "le résultat enregistré n’est pas celui des bulletins",
}

// refusal is the error of a verification in French, with the original for who looks
// into it.
func refusal(err error) error {
	var e *belenios.Error
	if !errors.As(err, &e) {
		return err
	}
	where := ""
	if e.Height != belenios.NoHeight {
		where = fmt.Sprintf(" (événement n° %d)", e.Height)
	}
	return fmt.Errorf("URNE REFUSÉE : %s%s.\n%w", refusals[e.Fault], where, err)
}
