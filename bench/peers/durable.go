// What a careful customer's handler in Go does before it answers: verify the
// bytes as received, read them, and have them on stable storage.
//
//	durable JOURNAL
//
// Appends the bodies to JOURNAL: one write and one fdatasync for all that came
// while the last one ran. Prints its port on 127.0.0.1 and serves until stdin
// ends.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
)

const (
	secret       = "whsec_sample_5f0c2a7e9d41"
	bodyBytesMax = 256 << 10
)

// What is synced in one go; err is valid once done is closed.
type batch struct {
	bytes []byte
	done  chan struct{}
	err   error
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

type journal struct {
	file *os.File
	wake chan struct{}

	mutex sync.Mutex
	next  *batch
}

// Returns when the body is on stable storage.
func (j *journal) append(body []byte) error {
	j.mutex.Lock()
	b := j.next
	b.bytes = append(append(b.bytes, body...), '\n')
	j.mutex.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
	<-b.done
	return b.err
}

func (j *journal) run() {
	for range j.wake {
		j.mutex.Lock()
		b := j.next
		j.next = newBatch()
		j.mutex.Unlock()
		if _, b.err = j.file.Write(b.bytes); b.err == nil {
			b.err = syscall.Fdatasync(int(j.file.Fd()))
		}
		close(b.done)
	}
}

func isGenuine(body []byte, signature string) bool {
	tag, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal(mac.Sum(nil), tag)
}

func (j *journal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytesMax))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	if !isGenuine(body, r.Header.Get("X-Tuco-Signature")) {
		http.Error(w, "not genuine", http.StatusUnauthorized)
		return
	}
	var event struct {
		Type string          `json:"event"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Type == "" {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	if err := j.append(body); err != nil {
		http.Error(w, "not kept", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"status":"accepted"}`)
}

func main() {
	file, err := os.OpenFile(os.Args[1],
		os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	j := &journal{file: file, wake: make(chan struct{}, 1), next: newBatch()}
	go j.run()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, j))
}
