package structure

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// NationalSource is who the lines of our national file come from.
const NationalSource = "Bordeaux Métropole"

// ownPrefix begins the identifier of a line of ours in the national file.
const ownPrefix = "bordeaux-metropole-"

// NationalIDOf returns the identifier of a structure in the national file: the one it
// came with, or one made of ours, which never changes.
func NationalIDOf(s Sheet) string {
	if s.NationalID != "" {
		return s.NationalID
	}
	return ownPrefix + strconv.FormatInt(int64(s.ID), 10)
}

// OwnIDOf reads the identifier that NationalIDOf makes; 0 for any other.
func OwnIDOf(nationalID string) ID {
	rest, ok := strings.CutPrefix(strings.ToLower(nationalID), ownPrefix)
	n, err := strconv.ParseInt(rest, 10, 64)
	if !ok || err != nil || n <= 0 {
		return 0
	}
	return ID(n)
}

// NationalPlaces returns what the national file says of the GNI: its members that
// agreed to show their sheet and to share it, with their telephone and addresses
// only if they agreed to that too.
func (s *Service) NationalPlaces(ctx context.Context) ([]national.Place, error) {
	ready, _, err := s.national(ctx)
	return ready, err
}

// NationalGap is what keeps a structure that agreed to it, or a part of its sheet, out
// of the national file.
type NationalGap struct {
	ID      ID
	Name    string
	Out     bool     // the whole structure
	Reasons []string // in French
}

// NationalGaps returns how many structures the national file holds, and what it
// leaves out: the structures first.
func (s *Service) NationalGaps(ctx context.Context, by access.Actor) (in int, gaps []NationalGap, err error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, nil, err
	}
	ready, gaps, err := s.national(ctx)
	slices.SortStableFunc(gaps, func(a, b NationalGap) int {
		switch {
		case a.Out == b.Out:
			return 0
		case a.Out:
			return -1
		}
		return 1
	})
	return len(ready), gaps, err
}

func (s *Service) national(ctx context.Context) ([]national.Place, []NationalGap, error) {
	sheets, err := postgres.List[Sheet](ctx, s.db, sheetSQL+`
		WHERE s.state = 'accepted' AND s.publish_sheet AND s.share_national ORDER BY s.organisation_id`)
	if err != nil {
		return nil, nil, postgres.Wrap(err, "sheets of the national file")
	}
	places, from := make([]national.Place, len(sheets)), map[string]ID{}
	for i, sheet := range sheets {
		places[i] = sheet.NationalPlace()
		from[places[i].ID] = sheet.ID
	}
	ready, told := national.Ready(places)
	var gaps []NationalGap
	for _, t := range told { // those of one place follow one another
		id := from[t.Place.ID]
		if n := len(gaps); n == 0 || gaps[n-1].ID != id {
			gaps = append(gaps, NationalGap{ID: id, Name: t.Place.Name, Out: t.Out})
		}
		last := &gaps[len(gaps)-1]
		last.Reasons = append(last.Reasons, t.Message)
	}
	return ready, gaps, nil
}

// NationalPlace is a sheet as a line of the national file.
func (s Sheet) NationalPlace() national.Place {
	id := NationalIDOf(s)
	s = s.Public()
	on := day.In(s.UpToDateAt)
	p := national.Place{
		ID: id, Pivot: s.SIRET, Name: s.Name, Commune: s.Commune, PostalCode: s.PostalCode, INSEE: s.INSEE, Address: s.Address,
		AddressMore: s.AddressMore, Latitude: s.Latitude, Longitude: s.Longitude, Typology: s.Typology, Phone: s.Phone,
		Emails: s.Emails, Websites: s.Websites, Hours: s.Hours, Summary: s.Summary, Detail: s.Detail, Source: NationalSource,
		Mobility: s.Mobility, Parent: s.Parent, UpdatedOn: time.Date(on.Year(), on.Month(), on.Date(), 0, 0, 0, 0, time.UTC),
		Services: s.Services, Audiences: s.Audiences, SpecialCare: s.SpecialCare, Fees: s.Fees, Programmes: s.Programmes,
		Labels: s.Labels, OtherLabels: s.OtherLabels, AccessModes: s.AccessModes, SupportModes: s.SupportModes,
		AccessibilityURL: s.AccessibilityURL, AppointmentURL: s.AppointmentURL,
	}
	if p.Pivot == "" {
		p.Pivot = s.RNA
	}
	return p
}
