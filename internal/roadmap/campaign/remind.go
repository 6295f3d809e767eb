package campaign

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

func idText[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

// Group is a part of the communes that may be reminded.
type Group string

// The closed set of groups.
const (
	SilentOnes  Group = "muettes"     // no answer at all
	PartialOnes Group = "incompletes" // some actions left
)

// Groups lists the groups in display order.
var Groups = []Group{SilentOnes, PartialOnes}

// Label returns the French name of the group.
func (g Group) Label() string {
	if g == SilentOnes {
		return "Communes sans aucune réponse"
	}
	return "Communes à qui il reste des actions"
}

func (g Group) holds(l CommuneLine) bool {
	return g == SilentOnes && l.Silent() || g == PartialOnes && l.Partial()
}

// Reminder is what reminding would do today.
type Reminder struct {
	Campaign  Campaign
	Groups    map[Group][]CommuneLine // not reminded today
	Today     []CommuneLine           // reminded today already: not again
	People    map[Group]int
	Unreached []Unreached
	Preview   map[Group]notify.Mail
}

// remindSQL lists the communes that may be reminded of campaign $1 with whether
// they were today.
const remindSQL = `
	SELECT l.*, coalesce((l.reminded_at AT TIME ZONE 'Europe/Paris')::date = paris_today(), false) AS today FROM (` + communesSQL + `) l
	WHERE l.answered < l.asked ORDER BY fold(l.name)`

type remindLine struct {
	CommuneLine
	Today bool `db:"today"`
}

func (s *Service) reminder(ctx context.Context, q postgres.Querier, c Campaign, lines []remindLine) (Reminder, map[Group][]notify.Mail, error) {
	v := Reminder{Campaign: c, Groups: map[Group][]CommuneLine{}, People: map[Group]int{}, Preview: map[Group]notify.Mail{}}
	var all []CommuneLine
	for _, l := range lines {
		if l.Today {
			v.Today = append(v.Today, l.CommuneLine)
			continue
		}
		all = append(all, l.CommuneLine)
		for _, g := range Groups {
			if g.holds(l.CommuneLine) {
				v.Groups[g] = append(v.Groups[g], l.CommuneLine)
			}
		}
	}
	who, err := people(ctx, q, all)
	mails := map[Group][]notify.Mail{}
	for _, g := range Groups {
		to, unreached := s.mailsTo(c, v.Groups[g], who, reminderMail)
		mails[g], v.People[g], v.Unreached = to, len(to), append(v.Unreached, unreached...)
		if len(to) > 0 {
			v.Preview[g] = to[0]
		}
	}
	return v, mails, err
}

// Reminder returns who would be reminded today.
func (s *Service) Reminder(ctx context.Context, by access.Actor, id ID) (Reminder, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Reminder{}, err
	}
	var (
		found []Campaign
		lines []remindLine
		b     postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &lines, remindSQL, id)
	if err := b.Run(ctx, s.db); err != nil {
		return Reminder{}, postgres.Wrap(err, "whom to remind")
	}
	c, err := only(found)
	switch {
	case err != nil:
		return Reminder{}, err
	case c.State() != Answering:
		return Reminder{Campaign: c}, errNotAnswerable
	}
	v, _, err := s.reminder(ctx, s.db, c, lines)
	return v, err
}

var errNotAnswerable = problem.New(problem.Conflict, "Cette campagne ne reçoit pas de réponses : personne n’est à relancer. Vous pouvez déplacer sa clôture.")

func reminderMail(c Campaign, k CommuneLine) notify.Mail {
	left := k.Asked - k.Answered
	m := notify.Mail{Kind: "campaign_remind", Action: "Faire le point",
		Subject: french.Typo("Rappel, le point " + french.De(k.Name) + " : " + french.Count(left, "action", "actions") + " à mettre à jour"),
		Why:     french.Typo("Vous recevez ce message parce que vous représentez " + k.Name + " dans la gouvernance de l’inclusion numérique.")}
	if k.Silent() {
		m.Paragraphs = []string{french.Typo("Nous n’avons pas encore le point de votre commune. Deux minutes suffisent : « Rien de nouveau » se dit en un geste.")}
	} else {
		m.Paragraphs = []string{french.Typo("Merci pour vos premières réponses. Il reste " + french.Count(left, "action", "actions") + " sans nouvelles de votre commune.")}
	}
	m.Paragraphs = append(m.Paragraphs, french.Typo("Répondez avant le "+french.DateTime(c.ClosesAt)+". "+c.use()))
	return m
}

// Remind writes to the communes of the groups, each once a day at most: two people who
// remind at once send one mail. It returns how many communes were reminded.
func (s *Service) Remind(ctx context.Context, by access.Actor, id ID, groups []Group) (reminded int, err error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return 0, err
	}
	if len(groups) == 0 {
		return 0, problem.OnField("groupes", "Choisissez qui relancer.")
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		c, err := lock(ctx, tx, id, 0)
		switch {
		case err != nil:
			return err
		case c.State() != Answering:
			return errNotAnswerable
		}
		lines, err := postgres.List[remindLine](ctx, tx, remindSQL, id)
		if err != nil {
			return postgres.Wrap(err, "communes to remind")
		}
		v, byGroup, err := s.reminder(ctx, tx, c, lines)
		if err != nil {
			return err
		}
		var (
			mails []notify.Mail
			ids   []CommuneID
			names []string
		)
		for _, g := range groups {
			mails = append(mails, byGroup[g]...)
			for _, k := range v.Groups[g] {
				if !isUnreached(v.Unreached, k.ID) {
					ids, names = append(ids, k.ID), append(names, k.Name)
				}
			}
		}
		if len(ids) == 0 {
			return problem.New(problem.Conflict, "Personne n’est à relancer : les communes choisies ont répondu, ont été relancées aujourd’hui, ou n’ont pas d’adresse.")
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE campaign_target SET reminded_at = now() WHERE campaign_id = $1 AND organisation_id = ANY ($2)`, id, ids); err != nil {
			return postgres.Wrap(err, "remind campaign %d", id)
		}
		if _, err := s.outbox.QueueMany(ctx, tx, mails); err != nil {
			return err
		}
		reminded = len(ids)
		return record(ctx, tx, by, "campaign_remind", c, nil, map[string]any{"communes": names, "courriels": len(mails)})
	})
	return reminded, err
}

func isUnreached(all []Unreached, id CommuneID) bool {
	for _, u := range all {
		if u.ID == id {
			return true
		}
	}
	return false
}
