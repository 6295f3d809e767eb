package demo

import (
	"fmt"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// The days the story turns on.
var (
	founded   = governance.Founded
	installed = day.Of(2026, 3, 28)
	metropole = day.Of(2026, 4, 10)
	nextTerm  = day.Of(2032, 3, 31)
	gniVote   = day.Of(2025, 3, 21)
)

func (w *world) chairs() error {
	if err := w.readSeats(); err != nil {
		return err
	}
	for _, c := range []struct{ seat, mailbox, former, elected string }{
		{"Présidente de Bordeaux Métropole", "presidente", "Hélène", "Solène"},
		{"Conseillère métropolitaine au numérique", "conseillere", "Agathe", "Marion"},
	} {
		before, now := w.person(""), w.person(c.mailbox)
		before.First, now.First = c.former, c.elected // the function is in the feminine
		if _, err := w.start(c.seat, before, governance.Titular, founded, day.Day{}, "Élection par le conseil de la métropole, 2020", false); err != nil {
			return err
		}
		if _, err := w.start(c.seat, now, governance.Titular, metropole, nextTerm, "Élection par le conseil de la métropole, avril 2026", true); err != nil {
			return err
		}
	}
	return nil
}

// readSeats learns the seats that exist whoever holds them.
func (w *world) readSeats() error {
	w.seats = map[string]governance.SeatID{}
	for page := 1; ; page++ {
		lines, paging, err := w.Governance.Seats(w.ctx, actor, governance.SeatFilter{}, page)
		if err != nil {
			return err
		}
		for _, l := range lines {
			w.seats[l.Label] = l.ID
			if l.OrganisationName != "" {
				w.seats["commune "+l.OrganisationName] = l.ID
			}
		}
		if len(w.seats) == 0 || page >= paging.Pages {
			return nil
		}
	}
}

func (w *world) start(seat string, p governance.PersonInput, kind governance.MandateKind, from, term day.Day, how string, replaces bool) (governance.Started, error) {
	id, ok := w.seats[seat]
	if !ok {
		return governance.Started{}, fmt.Errorf("no seat %q", seat)
	}
	done, err := w.Governance.StartMandate(w.ctx, actor, governance.NewMandate{
		Seat: id, Person: p, Kind: kind, From: from, TermEndsOn: term, Designation: how, ReplacesCurrent: replaces,
	})
	if err != nil {
		return done, fmt.Errorf("mandate of seat %q: %w", seat, err)
	}
	return done, nil
}

// reelected tells which mayors keep their seat at the renewal: one in three.
func reelected(i int) bool { return i%3 == 0 }

func (w *world) firstMayors() error {
	communes, err := w.Governance.Communes(w.ctx)
	if err != nil {
		return err
	}
	for i, c := range communes {
		mailbox := ""
		if reelected(i) {
			mailbox = "maire-" + c.Slug
		}
		if _, err := w.start("commune "+c.Name, w.person(mailbox), governance.Titular, founded, installed, "Élection municipale de 2020", false); err != nil {
			return err
		}
		if c.Slug == "begles" {
			w.begles = c.ID
		}
	}
	return nil
}

// renewal is the general renewal of March 2026, as the team's screen does it.
func (w *world) renewal() error {
	communes, err := w.Governance.Communes(w.ctx)
	if err != nil {
		return err
	}
	slugs := map[string]string{}
	for _, c := range communes {
		slugs[c.INSEE] = c.Slug
	}
	lines, err := w.Governance.RenewalSheet(w.ctx, actor)
	if err != nil {
		return err
	}
	rows := make([]governance.RenewalRow, len(lines))
	for i, l := range lines {
		rows[i] = governance.RenewalRow{INSEE: l.INSEE, Seen: l.Mandate, Version: l.Version, SameMayor: reelected(i)}
		if !reelected(i) {
			p := w.person("maire-" + slugs[l.INSEE])
			rows[i].First, rows[i].Last, rows[i].Email = p.First, p.Last, p.Email
		}
	}
	done, err := w.Governance.Renew(w.ctx, actor, governance.Renewal{
		Day: installed, TermEndsOn: nextTerm, Designation: "Élection municipale de mars 2026", Rows: rows,
	})
	if err == nil && len(done.Errors) > 0 {
		err = done.Errors[0]
	}
	return err
}

func (w *world) delegates() error {
	_, err := w.Governance.AddMembership(w.ctx, actor, governance.NewMembership{
		Organisation: w.begles, Person: w.person("agent-begles"),
		Title: "Chargé de mission inclusion numérique", From: day.Of(2025, 2, 3),
	})
	return err
}

func (w *world) partners() error {
	for i, p := range partners {
		titular := w.person(fmt.Sprintf("partenaire-%02d", i+1))
		n := governance.NewPartner{
			Name: p.name, Category: p.category, From: founded,
			Titular: &titular, Designation: "Désignation par l’organisme",
		}
		if i%4 == 0 {
			alternate := w.person(fmt.Sprintf("partenaire-%02d-suppleant", i+1))
			n.Alternate = &alternate
		}
		joined, err := w.Governance.AddPartner(w.ctx, actor, n)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		// One term ends within two months, another ended and nobody came since.
		switch i {
		case len(partners) - 1:
			err = w.setTerm(joined.Seat, w.today.AddDays(60))
		case len(partners) - 2:
			err = w.setTerm(joined.Seat, w.today.AddDays(-45))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setTerm writes the term of the mandate in course, as the correction screen does.
func (w *world) setTerm(seat governance.SeatID, term day.Day) error {
	page, err := w.Governance.SeatPage(w.ctx, actor, seat)
	if err != nil {
		return err
	}
	m := page.Holder(governance.Titular)
	if m == nil {
		return fmt.Errorf("seat %d has no titular", seat)
	}
	return w.Governance.CorrectMandate(w.ctx, actor, governance.Correction{
		ID: m.ID, Version: m.Version, From: m.From, TermEndsOn: term,
		Designation: m.Designation, Reference: m.Reference,
	})
}

func (w *world) state() error {
	id, err := w.Governance.AddStateService(w.ctx, actor, "Préfecture", "Représentant de l’État")
	if err != nil {
		return err
	}
	_, err = w.Governance.AddMembership(w.ctx, actor, governance.NewMembership{
		Organisation: id, Person: w.person("prefecture"), Title: "Représentante de l’État au CMTIN", From: founded,
	})
	if err != nil {
		return err
	}
	found, err := w.Governance.SearchPeople(w.ctx, actor, "prefecture@example.org")
	if err == nil && len(found) == 1 {
		w.prefect = found[0].ID
	}
	return err
}

// representatives seats the ten; one of them left since and was not replaced.
func (w *world) representatives() error {
	for _, college := range governance.Colleges {
		for rank := 1; rank <= 5; rank++ {
			seat := fmt.Sprintf("Représentant du GNI, %s, siège %d", collegeWords(college), rank)
			done, err := w.start(seat, governance.PersonInput{ID: w.reps[college][rank*7]}, governance.Titular,
				gniVote, gniVote.AddYears(2), "Élection par le GNI, mars 2025", false)
			if err != nil {
				return err
			}
			if college == governance.DigitalMediation && rank == 5 {
				if _, err := w.Governance.EndMandate(w.ctx, actor, governance.EndOfMandate{
					ID: done.Mandate, Version: 1, On: day.Of(2026, 9, 15), Reason: "Départ de la structure",
				}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func collegeWords(c governance.College) string {
	if c == governance.SocialAction {
		return "action sociale"
	}
	return "médiation numérique"
}
