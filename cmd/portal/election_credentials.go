package main

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/export"
)

func init() { elections["credentials"] = electionCredentials }

// voter is a line of the roll, as the page of the ceremony exports it.
type voter struct {
	ID, Name, Commune, College, Box, BoxName, Email string
	Closes                                          string // « mardi 1er décembre 2026 à 18 h », in words
	Code                                            string // the private code made here
}

// rollHeadings are the columns that are read, by their heading.
var rollHeadings = []string{"Identifiant", "Structure", "Commune", "Collège", "Urne", "Nom de l’urne", "Courriel", "Clôture du vote"}

// electionCredentials makes the codes of an election, apart from the portal: run by the
// authority of the codes on another machine, it needs neither database nor network, but
// to send the codes by mail. It never says a code on the terminal.
func electionCredentials(ctx context.Context, c config, args []string) error {
	flags := flag.NewFlagSet("credentials", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	roll, out := flags.String("roll", "", ""), flags.String("out", "", "")
	send := flags.Bool("send", false, "")
	if flags.Parse(args) != nil || *out == "" || flags.NArg() > 0 || *roll == "" && !*send {
		return errUsage
	}
	if *roll != "" {
		if err := makeCodes(*roll, *out); err != nil {
			return err
		}
	}
	if *send {
		return sendCodes(ctx, c, *out)
	}
	return nil
}

// makeCodes writes the files of the codes in a new folder.
func makeCodes(roll, out string) error {
	file, err := os.Open(roll)
	if err != nil {
		return err
	}
	defer file.Close()
	voters, err := readRoll(file)
	if err != nil {
		return fmt.Errorf("%s : %w", roll, err)
	}
	if err := os.Mkdir(out, 0o700); err != nil { // never over codes that exist
		return err
	}
	for i := range voters {
		voters[i].Code = belenios.NewCode()
	}
	names, err := writePublic(out, voters)
	if err != nil {
		return err
	}
	shuffle(voters) // neither file follows the roll
	if err := writeFile(filepath.Join(out, "codes.csv"), codesCSV(voters)); err != nil {
		return err
	}
	letters, err := lettersHTML(voters)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(out, "letters.html"), letters); err != nil {
		return err
	}
	fmt.Printf("%d codes sont fabriqués dans %s, qu’aucune autre personne que vous ne doit lire.\n\n", len(voters), out)
	fmt.Printf("À remettre à l’équipe, et rien d’autre :\n  %s\n\n", strings.Join(names, "\n  "))
	fmt.Print("À remettre aux structures :\n  letters.html : une lettre par structure, à imprimer ; ou les messages, avec --send.\n\n")
	fmt.Print("À mettre sous enveloppe scellée, ou à ne pas garder :\n  codes.csv : tous les codes. Qui le lit peut voter à la place des structures.\n\n")
	fmt.Print("À détruire quand les codes sont remis : letters.html, codes.csv de cette machine, et la liste électorale.\n")
	fmt.Print("Un code perdu ne se refait qu’avant la mise en place des urnes : tous les codes de l’urne sont alors à refaire.\n")
	return nil
}

// readRoll reads the roll that the portal exports.
func readRoll(r io.Reader) ([]voter, error) {
	raw, err := io.ReadAll(io.LimitReader(r, 16<<20))
	if err != nil {
		return nil, err
	}
	lines := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	lines.Comma = ';'
	records, err := lines.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) < 2 {
		return nil, errors.New("la liste est vide")
	}
	at := make([]int, len(rollHeadings))
	for i, h := range rollHeadings {
		if at[i] = slices.Index(records[0], h); at[i] < 0 {
			return nil, fmt.Errorf("il manque la colonne « %s » : prenez la liste que le portail exporte pour l’autorité des codes", h)
		}
	}
	seen := map[string]bool{}
	var out []voter
	for n, line := range records[1:] {
		cell := func(i int) string { return plainCell(line[at[i]]) }
		v := voter{ID: cell(0), Name: cell(1), Commune: cell(2), College: cell(3), Box: cell(4), BoxName: cell(5), Email: cell(6), Closes: cell(7)}
		switch {
		case v.ID == "" || v.Name == "" || v.BoxName == "":
			return nil, fmt.Errorf("ligne %d : il manque un identifiant, un nom ou une urne", n+2)
		case !isBoxID(v.Box):
			return nil, fmt.Errorf("ligne %d : « %s » n’est pas l’identifiant d’une urne", n+2, v.Box)
		case seen[v.ID]:
			return nil, fmt.Errorf("ligne %d : la structure %s est deux fois sur la liste", n+2, v.ID)
		case v.Email != "" && !notify.Deliverable(v.Email):
			return nil, fmt.Errorf("ligne %d : l’adresse électronique n’en est pas une", n+2)
		}
		seen[v.ID] = true
		out = append(out, v)
	}
	return out, nil
}

// plainCell takes off the apostrophe that keeps a spreadsheet from running a text.
func plainCell(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r \u00a0＝＋－＠", []rune(s[1:])[0]) {
		return s[1:]
	}
	return s
}

// isBoxID tells whether a text is the identifier of a box: it becomes the name of a file.
func isBoxID(s string) bool {
	return len(s) >= 10 && len(s) <= 40 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// writePublic writes the public parts, one file a box, sorted: their order says nothing.
func writePublic(out string, voters []voter) ([]string, error) {
	boxes, college := map[string][]string{}, map[string]string{}
	for _, v := range voters {
		boxes[v.Box] = append(boxes[v.Box], belenios.PublicCredential(v.Code, v.Box))
		if c, ok := college[v.Box]; ok && c != v.College {
			college[v.Box] = "deux-colleges"
		} else {
			college[v.Box] = v.College
		}
	}
	var names []string
	for box, list := range boxes {
		name := "public_creds-" + slug(college[box]) + ".json"
		if slices.Contains(names, name) {
			name = "public_creds-" + box + ".json"
		}
		if err := writeFile(filepath.Join(out, name), belenios.CredentialsJSON(list)); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// slug makes the French name of a college a part of a file name.
func slug(s string) string {
	s = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "ç", "c", "’", "-", "'", "-", " ", "-").Replace(strings.ToLower(s))
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// codesHeadings are those of codes.csv, which --send reads back.
var codesHeadings = []string{"Identifiant", "Structure", "Commune", "Collège", "Urne", "Nom de l’urne", "Courriel", "Clôture du vote", "Code"}

func codesCSV(voters []voter) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.Write(codesHeadings) // to memory: cannot fail
	for _, v := range voters {
		_ = w.Write([]string{v.ID, export.Neutral(v.Name), export.Neutral(v.Commune), v.College, v.Box, export.Neutral(v.BoxName), v.Email, v.Closes, v.Code})
	}
	w.Flush()
	return []byte(b.String())
}

// shuffle puts the voters in an order nobody can foresee.
func shuffle(voters []voter) {
	for i := len(voters) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			panic(err) // never fails (crypto/rand)
		}
		voters[i], voters[j.Int64()] = voters[j.Int64()], voters[i]
	}
}

// writeFile writes a new file that its owner alone reads.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
