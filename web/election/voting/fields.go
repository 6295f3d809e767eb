package voting

import (
	"errors"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/ui"
)

// field is a value that a page carries.
type field = ui.HiddenField

// receipt is what a receipt shows.
type receipt struct {
	voting.Receipt
	QR  account.QR
	Via voting.Via
}

// groups cuts a tracker by four, as it is read aloud and copied.
func groups(tracker string) []string {
	var out []string
	for len(tracker) > 4 {
		out, tracker = append(out, tracker[:4]), tracker[4:]
	}
	return append(out, tracker)
}

// again are the fields that send the same bytes once more.
func again(b ballot, raw []byte, via voting.Via) []field {
	out := append([]field{{Name: "bulletin", Value: string(raw)}}, b.Hidden...)
	if via == voting.Server {
		out = append(out, field{Name: "chiffrement", Value: "serveur"})
	}
	return out
}

func problemOf(err error) (*problem.Error, bool) { return errors.AsType[*problem.Error](err) }

func chromeOf(title string) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Élections", Style: "vote.css", Crumbs: []ui.Crumb{{Label: "Élections", Href: "/elections"}}}
}
