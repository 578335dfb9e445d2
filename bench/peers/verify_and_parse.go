// What a careful customer's handler in Go does with a delivery: verify the
// bytes as received, then read the event from them.
//
//	verify_and_parse BODY_FILE
//
// For each line on stdin, a number of events, does so that often and prints
// the nanoseconds that one event took.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"
)

const (
	secret = "whsec_sample_5f0c2a7e9d41"
	copies = 64
)

type event struct {
	Type        string    `json:"event"`
	OccurredAt  time.Time `json:"timestamp"`
	WorkspaceID *string   `json:"workspaceId"`
	Data        struct {
		MessageID       *string  `json:"messageId"`
		Phone           *string  `json:"recipientPhone"`
		Text            *string  `json:"message"`
		Status          *string  `json:"status"`
		LineID          *string  `json:"lineId"`
		FirstName       *string  `json:"firstName"`
		LastName        *string  `json:"lastName"`
		AttachmentURLs  []string `json:"attachmentUrls"`
		AttachmentNames []string `json:"attachmentNames"`
	} `json:"data"`
	IdempotencyKey string `json:"-"`
}

func verifyAndParse(body []byte, signature string) (*event, error) {
	tag, err := hex.DecodeString(signature)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), tag) {
		return nil, errors.New("mismatch")
	}
	e := new(event)
	if err := json.Unmarshal(body, e); err != nil {
		return nil, err
	}
	if e.Data.MessageID != nil {
		e.IdempotencyKey = *e.Data.MessageID + "/" + e.Type
	}
	return e, nil
}

func main() {
	body, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var bodies [copies][]byte
	for i := range bodies {
		bodies[i] = append([]byte(nil), body...)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	signature := hex.EncodeToString(mac.Sum(nil))

	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		events, err := strconv.Atoi(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		begin := time.Now()
		for i := 0; i < events; i++ {
			e, err := verifyAndParse(bodies[i%copies], signature)
			if err != nil || e.Type != "message.reply" {
				log.Fatal("not the sample: ", err)
			}
		}
		fmt.Println(float64(time.Since(begin).Nanoseconds()) / float64(events))
	}
}
