package forum

import (
	"fmt"
	"time"
)

// DurationText returns a duration in its two largest units, such as "1 h 30 min", rounded up to
// a second.
func DurationText(d time.Duration) string {
	d = (d + time.Second - 1).Truncate(time.Second)
	text, units := "", 0
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.length; n > 0 && units < 2 {
			text += fmt.Sprintf(" %d %s", n, unit.name)
			d -= n * unit.length
			units++
		}
	}
	if text == "" {
		return "0 s"
	}
	return text[1:]
}
