package forum

import "time"

// MaxStep is the longest step of time that is taken without a question: of the machine's
// clock, and from one change to the next.
const MaxStep = 15 * time.Minute
