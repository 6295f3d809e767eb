package campaign

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

var _ = notify.NameKinds(map[string]string{
	"campaign_open":    "Campagne d’avancement, ouverture",
	"campaign_remind":  "Campagne d’avancement, relance",
	"campaign_ask":     "Point d’avancement, précision demandée",
	"campaign_correct": "Point d’avancement corrigé par l’équipe",
})

// Unreached is a commune nobody of which can be written to.
type Unreached struct {
	CommuneLine
	Empty bool // it has neither mayor nor delegate; else they have no address
}

// Opening is what the team checks before a campaign opens.
type Opening struct {
	Campaign  Campaign
	Communes  []CommuneLine
	People    int // mails that will leave
	Unreached []Unreached
	Preview   notify.Mail // to the first commune
}

const draftCommunesSQL = `
	SELECT o.id AS organisation_id, o.name, k.insee, k.abbr, k.tile_row, k.tile_col, count(*)::int AS asked, 0 AS answered, 0 AS waiting,
	       0 AS asked_back, 0 AS attention, NULL::timestamptz AS last_at, NULL::timestamptz AS reminded_at
	FROM action_commune x JOIN organisation o ON o.id = x.organisation_id JOIN commune k ON k.organisation_id = o.id
	JOIN roadmap_action a ON a.id = x.action_id AND a.validated_on IS NOT NULL AND a.status IN ('validated', 'in_progress')
	WHERE x.action_id IN (SELECT action_id FROM campaign_question WHERE campaign_id = $1)
	GROUP BY o.id, k.organisation_id ORDER BY fold(o.name)`

// Opening returns what opening the draft would do today.
func (s *Service) Opening(ctx context.Context, by access.Actor, id ID) (Opening, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Opening{}, err
	}
	var (
		v     Opening
		found []Campaign
		b     postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &v.Communes, draftCommunesSQL, id)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "what opening a campaign does")
	}
	var err error
	if v.Campaign, err = only(found); err != nil {
		return v, err
	}
	if v.Campaign.OpenedAt != nil {
		return v, errOpened
	}
	v.Campaign.Asked, v.Campaign.Communes = 0, len(v.Communes)
	for _, c := range v.Communes {
		v.Campaign.Asked += c.Asked
	}
	who, err := people(ctx, s.db, v.Communes)
	if err != nil {
		return v, err
	}
	mails, unreached := s.mailsTo(v.Campaign, v.Communes, who, openingMail)
	v.People, v.Unreached = len(mails), unreached
	if len(mails) > 0 {
		v.Preview = mails[0]
	}
	return v, nil
}

// mailsTo writes to each person of the communes who has an address, and lists the
// communes that nobody is written to.
func (s *Service) mailsTo(c Campaign, communes []CommuneLine, who map[CommuneID][]Person, words func(Campaign, CommuneLine) notify.Mail) ([]notify.Mail, []Unreached) {
	var (
		mails     []notify.Mail
		unreached []Unreached
	)
	for _, k := range communes {
		reached := false
		for _, p := range who[k.ID] {
			if !notify.Deliverable(p.Email) { // one bad address must not stop the others
				continue
			}
			m := words(c, k)
			m.ToAddress, m.ToName, m.Link = p.Email, p.Name, s.baseURL+"/mes-actions"
			mails, reached = append(mails, m), true
		}
		if !reached {
			unreached = append(unreached, Unreached{CommuneLine: k, Empty: len(who[k.ID]) == 0})
		}
	}
	return mails, unreached
}

func openingMail(c Campaign, k CommuneLine) notify.Mail {
	m := notify.Mail{Kind: "campaign_open", Action: "Faire le point",
		Subject: french.Typo("Le point " + french.De(k.Name) + " : " + french.Count(k.Asked, "action", "actions") + " à mettre à jour"),
		Paragraphs: []string{
			french.Typo("Deux minutes suffisent. Dites où en est " + french.Plural(k.Asked, "l’action qui concerne", "chacune des actions qui concernent") +
				" votre commune, et ce qu’il vous manque. « Rien de nouveau » se dit en un geste."),
			french.Typo("Répondez avant le " + french.DateTime(c.ClosesAt) + ". " + c.use())},
		Why: french.Typo("Vous recevez ce message parce que vous représentez " + k.Name + " dans la gouvernance de l’inclusion numérique.")}
	if c.Message != "" {
		m.Paragraphs = append(m.Paragraphs, french.Typo(c.Message))
	}
	return m
}

// use says what answers are for.
func (c Campaign) use() string {
	if c.MeetingAt == nil {
		return "Vos réponses nourrissent le suivi de la feuille de route."
	}
	return "Vos réponses préparent la réunion du Comité des communes du " + french.DateTime(*c.MeetingAt) + "."
}

// Open asks the communes: what is asked of whom is written, and each of their people
// gets one mail. One campaign is open at a time.
func (s *Service) Open(ctx context.Context, by access.Actor, id ID, version int) (opened Campaign, mailed int, err error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Campaign{}, 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		c, err := lock(ctx, tx, id, 0)
		switch {
		case err != nil:
			return err
		case c.OpenedAt != nil:
			return errOpened
		case c.Version != version:
			return errStale
		}
		if err := timely(ctx, tx, c.MeetingID, c.ClosesAt); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `UPDATE campaign SET opened_at = now(), version = version + 1 WHERE id = $1`, id)
		if postgres.Violates(err, "campaign_open_once") {
			return errTwoOpen
		}
		if err != nil {
			return postgres.Wrap(err, "open campaign %d", id)
		}
		mails, err := s.ask(ctx, tx, id)
		if err != nil {
			return err
		}
		if opened, err = load(ctx, tx, id); err != nil {
			return err
		}
		mailed = len(mails)
		after := opened.fields()
		after["courriels"] = mailed
		return record(ctx, tx, by, "campaign_open", opened, nil, after)
	})
	return opened, mailed, err
}

// ask writes the questions as the actions concern the communes today, and the mails.
func (s *Service) ask(ctx context.Context, tx pgx.Tx, id ID) ([]notify.Mail, error) {
	communes, err := postgres.List[CommuneLine](ctx, tx, draftCommunesSQL, id)
	if err != nil {
		return nil, postgres.Wrap(err, "communes of campaign %d", id)
	}
	if len(communes) == 0 {
		return nil, errNobody
	}
	actions, err := postgres.Values[roadmap.ID](ctx, tx, `SELECT DISTINCT action_id FROM campaign_question WHERE campaign_id = $1`, id)
	if err != nil {
		return nil, postgres.Wrap(err, "actions of campaign %d", id)
	}
	if err := choose(ctx, tx, id, actions); err != nil {
		return nil, err
	}
	c, err := load(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	who, err := people(ctx, tx, communes)
	if err != nil {
		return nil, err
	}
	mails, unreached := s.mailsTo(c, communes, who, openingMail)
	silent := make([]CommuneID, len(unreached))
	for i, u := range unreached {
		silent[i] = u.ID
	}
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO campaign_target (campaign_id, organisation_id, mailed_at)
		SELECT DISTINCT q.campaign_id, q.organisation_id, CASE WHEN q.organisation_id = ANY ($2) THEN NULL ELSE now() END
		FROM campaign_question q WHERE q.campaign_id = $1`, id, silent); err != nil {
		return nil, postgres.Wrap(err, "targets of campaign %d", id)
	}
	_, err = s.outbox.QueueMany(ctx, tx, mails)
	return mails, err
}
