package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRoomFor: only who is admitted may send more than a form.
func TestRoomFor(t *testing.T) {
	t.Parallel()
	const size, large = maxBody + 1, maxBody * 2
	for _, c := range []struct {
		limit    int64
		admitted bool
		passes   bool
	}{{maxBody, true, false}, {large, false, false}, {large, true, true}, {maxBody / 2, true, false}} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", size)))
		done := roomFor(httptest.NewRecorder(), r, c.limit, c.admitted)
		_, err := io.Copy(io.Discard, r.Body)
		if _, cut := errors.AsType[*http.MaxBytesError](err); cut == c.passes {
			t.Errorf("limit %d, admitted %v: %v", c.limit, c.admitted, err)
		}
		done()
	}
}
