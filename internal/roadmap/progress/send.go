package progress

import (
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

var _ = notify.NameKinds(map[string]string{"report_receipt": "Accusé de réception d’une campagne d’avancement"})

// MaxFigure is the greatest figure of a report, in ten-thousandths: the column
// (numeric(14, 4)) holds no more.
const MaxFigure roadmap.Number = 9_999_999_999 * 10_000

// Sending is a report as somebody sends it.
type Sending struct {
	Action   roadmap.ID
	For      roadmap.OrganisationID // the team: in whose name, 0 for Bordeaux Métropole
	Campaign CampaignID             // that the form was opened for; 0: none
	Seen     ReportID               // the last report the form showed; 0: none
	Over     ReportID               // one that came meanwhile, shown, and that this one replaces
	Said     Report                 // NothingNew without a Situation repeats the last one
	Attached *Attachment
	Keep     []document.ID // documents of the report replaced that stay
}

var (
	// ErrClosed says that the campaign closed while the form was filled.
	ErrClosed = problem.New(problem.Conflict, "La campagne est close : ce point n’y entre plus. Votre saisie est gardée ; vous pouvez l’enregistrer hors campagne.")
	errFirst  = problem.OnField("situation", "C’est votre premier point sur cette action : dites où elle en est.")
	errReply  = problem.OnField("fait", "L’équipe métropolitaine demande une précision : répondez-lui ici.")
)

// IsTwice tells whether an error says that a colleague reported meanwhile.
func IsTwice(err error) bool { return err == errTwice }

// Send writes a report. The organisation must answer for the action; the campaign the
// form was opened for must still be open; nobody must have reported meanwhile, unless
// their report was shown (Over). The draft is dropped.
func (s *Service) Send(ctx context.Context, by access.Actor, in Sending) (Report, error) {
	org, err := who(ctx, s.db, by, in.For)
	if err != nil {
		return Report{}, err
	}
	var sent Report
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := oneSending(ctx, tx, org); err != nil {
			return err
		}
		p, err := readPoint(ctx, tx, by, in.Action, org)
		if err != nil {
			return err
		}
		r, err := in.settled(p)
		if err != nil {
			return err
		}
		if sent, err = Insert(ctx, tx, by, r); err != nil {
			return err
		}
		if err := attach(ctx, tx, by, sent, in); err != nil {
			return err
		}
		if err := record(ctx, tx, by, p, sent); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM report_draft WHERE account_id = $1 AND action_id = $2 AND organisation_id = $3`,
			by.Account, in.Action, org); err != nil {
			return postgres.Wrap(err, "drop the draft of action %d", in.Action)
		}
		return s.receipt(ctx, tx, by, p, r)
	})
	return sent, err
}

// oneSending makes the reports of an organisation follow one another, and the closing
// of the campaign wait for them.
func oneSending(ctx context.Context, tx pgx.Tx, org roadmap.OrganisationID) error {
	if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtextextended('progress_report', $1))`, org); err != nil {
		return postgres.Wrap(err, "wait for the other reports of %d", org)
	}
	_, err := postgres.Exec(ctx, tx, `SELECT 1 FROM campaign WHERE opened_at IS NOT NULL AND closed_at IS NULL FOR SHARE`)
	return postgres.Wrap(err, "hold the campaign")
}

// settled is the report as it will be written, or why it may not be.
func (in Sending) settled(p Point) (Report, error) {
	r, last := in.Said, p.Last
	r.ID, r.Action, r.Organisation, r.Campaign, r.Replaces, r.State = 0, p.Action.ID, p.Standing.Organisation, p.Campaign(), 0, ""
	switch {
	case in.Campaign != 0 && in.Campaign != r.Campaign:
		return r, ErrClosed
	case p.reportable() != nil:
		return r, errOver
	case last.ID != in.Seen && last.ID != in.Over:
		return r, errTwice
	}
	if last.ID != 0 && (p.Replacing() || in.Over == last.ID) {
		r.Replaces = last.ID
	}
	if in.Attached != nil {
		r.Documents = []Document{{}} // so that the team reads the report before it is public
	} else if r.Replaces != 0 && len(in.Keep) > 0 {
		r.Documents = last.Documents
	}
	if err := r.repeat(last); err != nil {
		return r, err
	}
	if last.State != Accepted && !p.asTeam {
		r.State = Sent // to repeat what the team has not accepted does not publish it
	}
	if err := r.concerns(p); err != nil {
		return r, err
	}
	var before *int
	if last.ID != 0 {
		before = last.Percent
	}
	return r, r.Check(before)
}

// repeat completes what the person left as it was: « rien de nouveau » has the
// situation and the percent of the last report, and says nothing twice; what is done
// is whole.
func (r *Report) repeat(last Report) error {
	if r.Situation == Done && (r.Percent == nil || last.ID != 0 && last.Percent != nil && *r.Percent == *last.Percent) {
		whole := 100
		r.Percent = &whole
	}
	if !r.NothingNew {
		return nil
	}
	if last.ID == 0 {
		return errFirst
	}
	if r.Percent == nil {
		r.Percent = last.Percent
	}
	r.Situation = last.Situation
	if r.Replaces == 0 {
		r.unsay(last)
	}
	if r.Percent != nil && (last.Percent == nil || *r.Percent != *last.Percent) {
		r.NothingNew = false // the percent moved: that is news
	}
	if reply := *r; last.State == AskedBack {
		reply.unsay(last)
		if reply.Bare() {
			return errReply
		}
	}
	return nil
}

// unsay drops what repeats the last report word for word.
func (r *Report) unsay(last Report) {
	if r.Done == last.Done {
		r.Done = ""
	}
	if r.Difficulty == last.Difficulty {
		r.Difficulty = ""
	}
	if r.Need == last.Need && r.NeedKind == last.NeedKind {
		r.Need, r.NeedKind = "", ""
	}
	if r.NextStep == last.NextStep {
		r.NextStep = ""
	}
	r.Figures = slices.DeleteFunc(slices.Clone(r.Figures), func(f Figure) bool {
		return slices.ContainsFunc(last.Figures, func(l Figure) bool { return l.Indicator == f.Indicator && l.Value == f.Value })
	})
}

// concerns refuses a figure that is not asked of the organisation.
func (r *Report) concerns(p Point) error {
	for _, f := range r.Figures {
		if !slices.ContainsFunc(p.Indicators, func(i roadmap.Indicator) bool { return i.ID == f.Indicator }) {
			return roadmap.ErrNotFound
		}
	}
	return nil
}

// attach keeps the new document, and those of the report replaced that stay.
func attach(ctx context.Context, tx pgx.Tx, by access.Actor, sent Report, in Sending) error {
	if in.Attached != nil {
		f, err := document.Save(ctx, tx, in.Attached.Upload, by.Name)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `INSERT INTO report_document (report_id, document_id, caption) VALUES ($1, $2::uuid, $3)`,
			sent.ID, string(f.ID), in.Attached.Caption); err != nil {
			return postgres.Wrap(err, "document of report %d", sent.ID)
		}
	}
	if sent.Replaces == 0 || len(in.Keep) == 0 {
		return nil
	}
	keep := make([]string, len(in.Keep))
	for i, id := range in.Keep {
		keep[i] = string(id)
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO report_document (report_id, document_id, caption)
		SELECT $1, document_id, caption FROM report_document WHERE report_id = $2 AND document_id::text = ANY ($3)`, sent.ID, sent.Replaces, keep)
	return postgres.Wrap(err, "documents kept in report %d", sent.ID)
}

// record journals the report; what the team writes for another says so.
func record(ctx context.Context, tx pgx.Tx, by access.Actor, p Point, sent Report) error {
	act := "report"
	var before any
	if sent.Replaces != 0 {
		act, before = "report_replace", p.Last.fields(false)
	}
	return roadmap.Record(ctx, tx, by, act, p.Action, before, sent.fields(p.asTeam))
}

// fields is what the journal keeps of a report, in words.
func (r Report) fields(byTeam bool) map[string]any {
	m := map[string]any{"organisation": r.OrganisationName, "situation": r.Situation.Label(), "fait": r.Done, "difficulte": r.Difficulty,
		"type_besoin": r.NeedKind.Label(), "besoin": r.Need, "suite": r.NextStep, "rien_de_nouveau": r.NothingNew, "bonne_pratique": r.GoodPractice}
	if r.Percent != nil {
		m["avancement"] = *r.Percent
	}
	if r.FallReason != "" {
		m["pourquoi"] = r.FallReason
	}
	if byTeam {
		m["saisi_par"] = "Équipe métropolitaine, au nom de l’organisation"
	}
	return m
}

// receipt thanks whoever answers the last question of the campaign, by the only mail
// that reporting causes.
func (s *Service) receipt(ctx context.Context, tx pgx.Tx, by access.Actor, p Point, r Report) error {
	if p.Open.ID == 0 || r.Replaces != 0 || p.asTeam || by.Email == "" {
		return nil
	}
	m, err := postgres.One[Mine](ctx, tx, mineSQL, p.Standing.Organisation)
	if err != nil {
		return postgres.Wrap(err, "count the answers of %d", p.Standing.Organisation)
	}
	if m.Campaign == 0 || m.Remaining() > 0 {
		return nil
	}
	return s.outbox.Tell(ctx, tx, []notify.Notice{s.receiptNotice(by, p.Standing.Name, p.Open, m.Asked)})
}

func (s *Service) receiptNotice(by access.Actor, name string, open Open, n int) notify.Notice {
	return notify.Notice{Person: by.Person, Address: by.Email, Name: by.Name, Kind: "report_receipt",
		Subject: "Vos points d’avancement sont complets : " + open.Title,
		Text: "Merci : les points d’avancement " + french.De(name) + " sont tous enregistrés (" + strconv.Itoa(n) + " sur " + strconv.Itoa(n) +
			"). Vous pouvez les modifier jusqu’au " + french.DateTime(open.ClosesAt) + ".",
		Action: "Revoir mes points d’avancement", Link: s.baseURL + "/mes-actions"}
}
