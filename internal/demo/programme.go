package demo

import (
	"fmt"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
)

// programme has the CMTIN of the year before adopt the programme of this one.
func (w *world) programme(g gathering) error {
	year := w.today.Year()
	if err := w.Editions.Start(w.ctx, actor, year, w.today.AddDays(1)); err != nil {
		return err
	}
	if err := w.carryOver(year, 1, "L’action engagée se poursuit : ses résultats la justifient."); err != nil {
		return err
	}
	b, err := w.Editions.Ballot(w.ctx, actor, year)
	if err != nil {
		return err
	}
	if err := w.Editions.Examine(w.ctx, actor, year, b.Version); err != nil {
		return err
	}
	if b, err = w.Editions.Ballot(w.ctx, actor, year); err != nil {
		return err
	}
	v := edition.Vote{Year: year, Version: b.Version, Seen: b.Seen(), Meeting: g.id, Method: minutes.Consensus, Choices: map[roadmap.ID]edition.Choice{}}
	for _, l := range b.Lines {
		v.Choices[l.ID] = edition.Choice{Adopted: true}
	}
	done, err := w.Editions.Freeze(w.ctx, actor, v)
	if err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, w.DB, `UPDATE decision SET created_at = $2, follow_up = 'in_progress', follow_up_note = 'Programme engagé.' WHERE id = $1`, done.ID, g.end)
	return postgres.Wrap(err, "date the decision of the programme")
}

// carryOver gives a reason to one in every of the actions that go on.
func (w *world) carryOver(year, every int, reason string) error {
	for page := 1; ; page++ {
		b, err := w.Editions.Carried(w.ctx, actor, year, page)
		if err != nil {
			return err
		}
		var all []edition.Carry
		for i, l := range b.Lines {
			if i%every == 0 {
				all = append(all, edition.Carry{Action: l.ID, Version: l.LineVersion, Reason: reason})
			}
		}
		if err := w.Editions.CarryOver(w.ctx, actor, year, all); err != nil {
			return err
		}
		if page >= b.Paging.Pages || every == 1 && page > 10 {
			return nil
		}
	}
}

// mayor is who holds the seat of a commune today, as the screens know them.
type mayor struct {
	Slug    string                `db:"slug"`
	Commune access.OrganisationID `db:"organisation_id"`
	Name    string                `db:"name"`
	Person  access.PersonID       `db:"person_id"`
	Account access.AccountID      `db:"account_id"`
	Full    string                `db:"full_name"`
}

func (m mayor) actor() access.Actor {
	c := access.Capacity{Role: access.Mayor, Organisation: m.Commune, OrganisationName: m.Name}
	return access.Actor{Account: m.Account, Person: m.Person, Name: m.Full, Acting: c, Capacities: []access.Capacity{c}}
}

func (w *world) mayors() ([]mayor, error) {
	all, err := postgres.List[mayor](w.ctx, w.DB, `
		SELECT k.slug, k.organisation_id, o.name, p.id AS person_id, a.id AS account_id, p.first_name || ' ' || p.last_name AS full_name
		FROM commune k JOIN organisation o ON o.id = k.organisation_id
		JOIN seat s ON s.organisation_id = o.id AND s.kind = 'mayor'
		JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
		JOIN person p ON p.id = m.person_id JOIN account a ON a.person_id = p.id ORDER BY k.slug`)
	return all, postgres.Wrap(err, "mayors")
}

// ideas are what communes propose for the next programme.
var ideas = []struct {
	slug, title, objective string
	axis, euros            int
}{
	{"begles", "Un atelier de réemploi avec les lycéens", "Des lycéens remettent en état des ordinateurs avec un technicien, et les donnent à des familles du quartier.", 3, 9000},
	{"pessac", "Aide aux démarches dans les bibliothèques le samedi", "Les personnes qui travaillent en semaine trouvent une aide le samedi matin.", 1, 14000},
	{"bruges", "Relire les formulaires avec des habitants", "Avant d’être publié, chaque formulaire est relu par trois habitants volontaires.", 4, 0},
	{"lormont", "Un annuaire imprimé pour les halls d’immeuble", "Les personnes sans internet savent où se faire aider près de chez elles.", 1, 3500},
	{"ambes", "Un bus numérique partagé par les communes de la presqu’île", "Trois communes sans lieu d’aide partagent un bus, deux jours par semaine.", 1, 26000},
}

// nextProgramme opens the programme of the next year: communes have proposed, the
// team has begun to examine.
func (w *world) nextProgramme(mayors []mayor) error {
	year := w.today.Year() + 1
	if err := w.Editions.Start(w.ctx, actor, year, w.today.AddDays(9)); err != nil {
		return err
	}
	axes, err := postgres.Values[roadmap.AxisID](w.ctx, w.DB, `SELECT id FROM axis ORDER BY position`)
	if err != nil {
		return postgres.Wrap(err, "axes")
	}
	for i, x := range ideas {
		for _, m := range mayors {
			if m.Slug != x.slug {
				continue
			}
			id, err := w.Editions.Propose(w.ctx, m.actor(), edition.Idea{Axis: axes[x.axis-1], Title: x.title, Objective: x.objective, Body: governance.Communes,
				Pilot: m.Commune, Communes: []roadmap.OrganisationID{m.Commune}, Starts: w.month(12), Ends: w.month(24).AddDays(-1),
				Cost: roadmap.Cents(x.euros) * 100, CostYear: year})
			if err != nil {
				return fmt.Errorf("proposal %q: %w", x.title, err)
			}
			answers := map[int]edition.Answer{1: {Outcome: edition.Retained}, 3: {Outcome: edition.SetAside, Reason: "L’annuaire du portail s’imprime déjà par commune : l’équipe vous aide à l’afficher dès maintenant."}}
			if a, ok := answers[i]; ok {
				a.Year, a.Action, a.Version = year, id, 1
				if err := w.Editions.Answer(w.ctx, actor, a); err != nil {
					return fmt.Errorf("answer to %q: %w", x.title, err)
				}
			}
		}
	}
	return w.carryOver(year, 3, "L’action est engagée et ses résultats sont attendus l’année prochaine.")
}
