package ui

import (
	"strconv"
	"strings"
)

// Tab is one view of a thing: a link, with a count if Count is not empty.
type Tab struct {
	Label, Href string
	Current     bool
	Count       string
}

// Pager says where a list stands. Give Prev and Next for keyset paging; give
// Current, Last and Base (« /structures?q=x&page= ») for numbered pages.
type Pager struct {
	Prev, Next    string // addresses, "" when there is none
	Current, Last int
	Base          string // the number of the page is added at its end
	Summary       string // « 51 à 100 sur 160 structures »
}

func (p Pager) href(n int) string { return p.Base + strconv.Itoa(n) }

func (p Pager) previous() string {
	if p.Prev == "" && p.Last > 0 && p.Current > 1 {
		return p.href(p.Current - 1)
	}
	return p.Prev
}

func (p Pager) next() string {
	if p.Next == "" && p.Last > 0 && p.Current < p.Last {
		return p.href(p.Current + 1)
	}
	return p.Next
}

// numbers returns the pages shown: first, last, the current one and its
// neighbours; 0 stands for a gap.
func (p Pager) numbers() []int {
	var out []int
	for n := 1; n <= p.Last; n++ {
		switch {
		case n == 1, n == p.Last, n >= p.Current-1 && n <= p.Current+1, p.Last <= 7:
			out = append(out, n)
		case out[len(out)-1] != 0:
			out = append(out, 0)
		}
	}
	return out
}

// export puts the extension of a format before the query: /structures?q=x gives
// /structures.csv?q=x.
func export(base, format string) string {
	path, query, found := strings.Cut(base, "?")
	path += "." + format
	if found {
		path += "?" + query
	}
	return path
}

func formatName(format string) string {
	switch format {
	case "csv":
		return "CSV"
	case "xlsx":
		return "Excel"
	case "json":
		return "JSON"
	case "ics":
		return "Calendrier"
	case "pdf":
		return "PDF"
	}
	return format
}
