package structure

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// Clean returns the sheet with the fields of a section as they are kept, however
// they were typed or imported: spaces trimmed, a telephone number in +33…, addresses
// of sites with https, hours in OpenStreetMap syntax, closed lists in their order.
// What it cannot make right it leaves for Check. Clean(Clean(s)) == Clean(s).
func (s Sheet) Clean(section Section) Sheet {
	switch section {
	case Identity:
		s.Name, s.RNA = oneSpace(s.Name), strings.ToUpper(strings.Join(strings.Fields(s.RNA), ""))
		s.SIRET, _ = national.SIRET(s.SIRET)
		s.Typology = eachOnce(s.Typology)
	case Place:
		s.INSEE, s.PostalCode = oneSpace(s.INSEE), strings.Join(strings.Fields(s.PostalCode), "")
		s.Address, s.AddressMore = oneSpace(s.Address), oneSpace(s.AddressMore)
		s.Mobility = inOrder(s.Mobility, national.Mobility)
	case Offer:
		s.Services, s.Audiences = inOrder(s.Services, national.Services), inOrder(s.Audiences, national.Audiences)
		s.SupportModes, s.Fees = inOrder(s.SupportModes, national.SupportModes), inOrder(s.Fees, national.Fees)
		s.SpecialCare = inOrder(s.SpecialCare, national.SpecialCare)
	case Welcome:
		s = s.cleanWelcome()
	case Networks:
		if s.AdviserPosts > 0 {
			s.Programmes = append(slices.Clone(s.Programmes), national.Advisers)
		}
		s.Programmes, s.Labels = inOrder(s.Programmes, national.Programmes), inOrder(s.Labels, national.Labels)
		s.OtherLabels = eachOnce(s.OtherLabels)
	}
	return s
}

func (s Sheet) cleanWelcome() Sheet {
	s.Summary, s.Detail, s.HoursText = oneSpace(s.Summary), paragraphs(s.Detail), paragraphs(s.HoursText)
	if s.HoursText != "" {
		s.Hours = openingHours(s.HoursText)
	}
	s.AccessModes = inOrder(s.AccessModes, national.AccessModes)
	s.Phone = phone(s.Phone)
	s.Emails = eachOnce(mapped(s.Emails, strings.ToLower))
	s.Websites = eachOnce(mapped(s.Websites, webAddress))
	s.AppointmentURL, s.AccessibilityURL = webAddress(s.AppointmentURL), webAddress(s.AccessibilityURL)
	return s
}

// oneSpace sets a text on one line, words parted by one space.
func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

// paragraphs trims a text of several lines, and keeps one empty line at most.
func paragraphs(s string) string {
	var lines []string
	for l := range strings.Lines(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)) {
		l = strings.TrimSpace(l)
		if l != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, l)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// mapped returns the values, each on one line and changed by f.
func mapped(values []string, f func(string) string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = f(oneSpace(v))
	}
	return out
}

// eachOnce returns the values that are not empty, each once, in their order.
func eachOnce(values []string) []string {
	var out []string
	for _, v := range values {
		if v = oneSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// inOrder returns the values each once, in the order of a closed list; those it does
// not have come last.
func inOrder(values []string, list national.Vocabulary) []string {
	values = eachOnce(values)
	var out []string
	for _, t := range list {
		if slices.Contains(values, t.Value) {
			out = append(out, t.Value)
		}
	}
	for _, v := range values {
		if !list.Has(v) {
			out = append(out, v)
		}
	}
	return out
}

// phone writes a number as +33…: « 05 56 00 00 00 », « +33 (0)5 56… », « 0033 5… ».
func phone(typed string) string {
	digits := strings.NewReplacer(" ", "", ".", "", "-", "", "/", "", "(0)", "", "(", "", ")", "", "\u2011", "").
		Replace(strings.Join(strings.Fields(typed), ""))
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		digits = "+" + rest
	}
	switch {
	case strings.Trim(strings.TrimPrefix(digits, "+"), "0123456789") != "":
		return oneSpace(typed) // for Check to refuse, as it was typed
	case strings.HasPrefix(digits, "+330"):
		return "+33" + strings.TrimLeft(digits[3:], "0")
	case len(digits) == 10 && digits[0] == '0':
		return "+33" + digits[1:]
	case len(digits) == 11 && strings.HasPrefix(digits, "33"):
		return "+" + digits
	}
	return digits
}

var schemeFirst = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)

// webAddress gives an address its scheme, and its host in small letters.
func webAddress(typed string) string {
	typed = oneSpace(typed)
	if typed == "" {
		return ""
	}
	if !schemeFirst.MatchString(typed) {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" {
		return typed
	}
	scheme, rest, _ := strings.Cut(typed, "://")
	if host, ok := strings.CutPrefix(rest, u.Host); ok {
		return strings.ToLower(scheme) + "://" + strings.ToLower(u.Host) + host
	}
	return typed
}
