package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/notify"
)

// letters is one A4 page a structure. No link carries the code: whoever reads the
// letter types it.
var letters = template.Must(template.New("letters").Parse(`<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Lettres des codes de vote</title>
<style>
@page { size: A4; margin: 22mm 20mm; }
body { font: 12pt/1.5 "Liberation Sans", Arial, sans-serif; color: #111; margin: 0; }
section { break-after: page; min-height: 240mm; }
section:last-child { break-after: auto; }
h1 { font-size: 18pt; margin: 0 0 8mm; }
.code { font: bold 22pt/1.6 "Liberation Mono", "DejaVu Sans Mono", monospace; border: 1.5pt solid #111; padding: 6mm; margin: 8mm 0; text-align: center; overflow-wrap: anywhere; }
@media screen { section { max-width: 170mm; margin: 10mm auto; border-bottom: 1pt solid #999; } }
</style></head><body>
{{range .}}<section>
<h1>Code de vote</h1>
<p><strong>{{.Name}}</strong>{{if .Commune}}<br>{{.Commune}}{{end}}<br>Collège : {{.College}}</p>
<p>{{.BoxName}}</p>
<p>Voici le code de vote de votre structure. Une seule personne vote, au nom de la structure, une seule fois.</p>
<p class="code">{{.Code}}</p>
<ol>
<li>Connectez-vous au portail de la gouvernance de l’inclusion numérique avec le compte de votre structure.</li>
<li>Ouvrez la page de l’élection, puis « Voter ». Les dates et heures du vote y sont écrites.</li>
<li>Choisissez des noms, ou le vote blanc, puis recopiez ce code. Les majuscules et les minuscules comptent ; les tirets et les espaces sont facultatifs.</li>
</ol>
<p>{{if .Closes}}Votez avant le {{.Closes}}{{else}}Votez avant la clôture, affichée sur la page de l’élection{{end}} : un vote arrivé après n’est pas compté.</p>
<p>Gardez ce code secret : l’équipe qui gère le portail ne l’a pas, et ne vous le demandera jamais. Après la préparation de l’urne, un code perdu ne peut plus être remplacé.</p>
</section>
{{end}}</body></html>
`))

func lettersHTML(voters []voter) ([]byte, error) {
	var b bytes.Buffer
	err := letters.Execute(&b, voters)
	return b.Bytes(), err
}

// codeMail is the mail of a code. It holds no link, so that code and identity never
// travel in one address.
func codeMail(v voter) notify.Mail {
	return notify.Mail{Kind: "election_code", ToAddress: v.Email, ToName: v.Name, Subject: "Code de vote de votre structure",
		Paragraphs: []string{
			v.Name + ", collège : " + v.College + ". " + v.BoxName + ".",
			"Le code de vote de votre structure : " + v.Code,
			"Pour voter, connectez-vous au portail avec le compte de votre structure, ouvrez la page de l’élection, puis recopiez ce code. Les majuscules et les minuscules comptent." + before(v),
			"Gardez ce code secret : l’équipe qui gère le portail ne l’a pas, et ne vous le demandera jamais. Après la préparation de l’urne, un code perdu ne peut plus être remplacé.",
		},
		Why: "Vous recevez ce message de la personne qui fabrique les codes de vote, indépendante de l’équipe du portail."}
}

func before(v voter) string {
	if v.Closes == "" {
		return ""
	}
	return " Votez avant le " + v.Closes + "."
}

// sendCodes mails each code of codes.csv, one by one, and keeps in sent.txt whom the
// mail server took charge of: run again, it goes on from there.
func sendCodes(ctx context.Context, c config, out string) error {
	if c.smtpURL == "" {
		return errors.New("SMTP_URL est vide : dites par quel serveur de messagerie envoyer les codes")
	}
	direct, err := notify.NewDirect(c.smtpURL, c.mailFrom, c.contact, c.baseURL.String())
	if err != nil {
		return err
	}
	voters, err := readCodes(filepath.Join(out, "codes.csv"))
	if err != nil {
		return err
	}
	path := filepath.Join(out, "sent.txt")
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	sent := map[string]bool{}
	for _, id := range strings.Fields(string(before)) {
		sent[id] = true
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	var byHand, failed []string
	for i, v := range voters {
		switch {
		case sent[v.ID]:
			continue
		case v.Email == "":
			byHand = append(byHand, v.Name)
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := direct.Send(ctx, codeMail(v)); err != nil {
			failed = append(failed, v.Name+" : "+err.Error())
			continue
		}
		if _, err := fmt.Fprintln(file, v.ID); err != nil {
			return fmt.Errorf("le message à %s est parti, mais sent.txt n’a pas pu être écrit : %w", v.Name, err)
		}
		fmt.Printf("%d sur %d : %s\n", i+1, len(voters), v.Name)
	}
	if len(byHand) > 0 {
		fmt.Printf("\nSans adresse, à remettre par lettre :\n  %s\n", strings.Join(byHand, "\n  "))
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d messages ne sont pas partis, relancez la même commande sans --roll :\n  %s", len(failed), strings.Join(failed, "\n  "))
	}
	fmt.Print("\nTous les messages sont partis. Détruisez letters.html, et codes.csv s’il n’est pas sous enveloppe scellée.\n")
	return nil
}

// readCodes reads codes.csv back.
func readCodes(path string) ([]voter, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma = ';'
	r.FieldsPerRecord = len(codesHeadings)
	records, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []voter
	for n, x := range records[min(1, len(records)):] {
		code, err := belenios.CleanCode(x[8])
		if err != nil {
			return nil, fmt.Errorf("%s, ligne %d : le code n’en est pas un", path, n+2)
		}
		out = append(out, voter{ID: x[0], Name: plainCell(x[1]), Commune: plainCell(x[2]), College: x[3], Box: x[4], BoxName: plainCell(x[5]), Email: x[6], Closes: x[7], Code: code})
	}
	return out, nil
}
