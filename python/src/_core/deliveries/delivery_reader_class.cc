#include "_core/deliveries/delivery_reader_class.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "_core/arguments.h"
#include "_core/arrow/assembler.h"
#include "_core/deliveries/archive_reader.h"
#include "_core/table/event_table_class.h"
#include "_core/table/schema.h"

namespace tuco::python::deliveries {
namespace {

namespace py = pybind11;

using table::EventTable;
using Clock = std::chrono::steady_clock;

// How often signals and the progress are looked at.
constexpr std::chrono::milliseconds kTick(50);

// What Python does about signals, KeyboardInterrupt included. Without the GIL.
void CheckSignals() {
  const py::gil_scoped_acquire acquired;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

// What an object's `read` gives. Refers to the object.
class ObjectSource final : public ByteSource {
 public:
  explicit ObjectSource(py::handle object) : object_(object) {}

  std::size_t Read(char* into, std::size_t size) override {
    const py::gil_scoped_acquire acquired;
    const py::object read = object_.attr("read")(size);
    if (!PyObject_CheckBuffer(read.ptr())) {
      throw py::type_error(
          "expected a file that is open for reading bytes (mode \"rb\")");
    }
    const Body bytes(read);
    if (bytes.bytes().size() > size) {
      throw py::value_error("a file's read() gave more than it was asked for");
    }
    const std::size_t count = bytes.bytes().copy(into, size);
    position_ += count;
    return count;
  }
  std::uint64_t position() const override { return position_; }

 private:
  const py::handle object_;
  std::uint64_t position_ = 0;
};

// What can be read: paths (str), bytes, objects with `read`. Holds them, so
// that nothing that refers to one of them needs the GIL to go away.
class Sources {
 public:
  explicit Sources(const py::list& sources) : objects_(sources) {}

  // Refer to this object.
  std::vector<ChunkReader::Open> Files() {
    std::vector<ChunkReader::Open> files;
    for (const py::handle source : objects_) files.push_back(Open(source));
    return files;
  }

 private:
  ChunkReader::Open Open(py::handle source) {
    if (py::isinstance<py::str>(source)) {
      return [path = PathOf(source)] {
        return Decompressed(std::make_unique<FileSource>(path, &CheckSignals));
      };
    }
    if (PyObject_CheckBuffer(source.ptr()) != 0) {
      bodies_.push_back(std::make_unique<const Body>(source));
      return [bytes = bodies_.back()->bytes()] {
        return Decompressed(std::make_unique<MemorySource>(bytes));
      };
    }
    return [source] {
      return Decompressed(std::make_unique<ObjectSource>(source));
    };
  }

  static std::string PathOf(py::handle path) {
    const auto encoded =
        py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
    if (!encoded) throw py::error_already_set();
    return encoded;
  }

  const py::list objects_;
  std::vector<std::unique_ptr<const Body>> bodies_;
};

LineOptions OptionsOf(py::handle endpoint, bool include_body,
                      py::handle columns, const py::object& secret, bool raw) {
  LineOptions options;
  options.endpoint = ReadEndpoint(endpoint);
  options.columns = table::ReadColumns(columns, include_body);
  if (!secret.is_none()) {
    options.verifier = ReadVerifier(secret, options.endpoint);
  }
  options.mode = raw ? VerifyMode::kRaw : VerifyMode::kAuto;
  return options;
}

// One thread at a time.
class DeliveryReader {
 public:
  DeliveryReader(const py::list& sources, py::handle endpoint,
                 bool include_body, py::handle columns,
                 const py::object& secret, bool raw, std::size_t threads,
                 bool stop_at_error, py::object progress)
      : sources_(sources),
        options_(OptionsOf(endpoint, include_body, columns, secret, raw)),
        progress_(std::move(progress)),
        reader_(std::make_unique<ArchiveReader>(
            ChunkReader(sources_.Files()), options_,
            stop_at_error ? OnError::kStop : OnError::kGoOn, threads)) {}

  // Others may go on while the helpers end. pybind11's own release could throw.
  ~DeliveryReader() {
    if (forked()) {
      (void)reader_.release();  // Nobody can end what is not here.
      return;
    }
    PyThreadState* const thread = PyEval_SaveThread();
    reader_.reset();
    PyEval_RestoreThread(thread);
  }

  // Up to `rows` rows, which are fewer at the end only. Then there are none.
  EventTable Next(std::int64_t rows) {
    if (forked()) {
      throw std::runtime_error(
          "the reading was begun before the process forked: begin again");
    }
    const py::gil_scoped_release released;
    arrow::Assembler assembler(table::Schema(options_.columns));
    Take(rows, assembler);
    while (assembler.rows() < rows) {
      std::optional<Part> part = reader_->Next([this] { Tick(); });
      if (!part) break;
      rows_ += static_cast<std::uint64_t>(part->table->rows());
      for (Mistake& mistake : part->mistakes) {
        mistakes_.push_back({part->file, std::move(mistake)});
      }
      held_ = part->mistakes.size();
      rest_ = std::move(part->table);
      Take(rows, assembler);
    }
    return {std::make_shared<const arrow::Table>(assembler.Finish())};
  }

  // (file, line, column, message) of each mistake that was not given yet; none
  // before every row of its part is handed out.
  py::list TakeMistakes() {
    py::list list;
    const std::size_t held = rest_ == nullptr ? 0 : held_;
    const auto end = mistakes_.end() - static_cast<std::ptrdiff_t>(held);
    for (auto at = mistakes_.begin(); at != end; ++at) {
      const auto& [file, mistake] = *at;
      list.append(
          py::make_tuple(file, mistake.line, mistake.column, mistake.message));
    }
    mistakes_.erase(mistakes_.begin(), end);
    return list;
  }

 private:
  struct PlacedMistake {
    std::size_t file;
    Mistake mistake;
  };

  // Whether this is a copy in a child, where the helpers are not.
  bool forked() const { return ::getpid() != process_; }

  // Moves rows of the rest into the assembler, up to `rows` in there.
  void Take(std::int64_t rows, arrow::Assembler& assembler) {
    if (rest_ == nullptr) return;
    const std::int64_t there = rest_->rows();
    const std::int64_t taken = std::min(there, rows - assembler.rows());
    const arrow::Table first = arrow::Slice(*rest_, 0, taken);
    for (const arrow::RecordBatch& batch : first.batches) assembler.Add(batch);
    rest_ = taken == there ? nullptr
                           : std::make_shared<const arrow::Table>(
                                 arrow::Slice(*rest_, taken, there - taken));
  }

  void Tick() {
    const Clock::time_point now = Clock::now();
    if (now - ticked_ < kTick) return;
    ticked_ = now;
    CheckSignals();
    if (progress_.is_none()) return;
    const py::gil_scoped_acquire acquired;
    progress_(reader_->position(), rows_);
  }

  Sources sources_;
  const LineOptions options_;
  const py::object progress_;
  Clock::time_point ticked_ = Clock::now();
  std::uint64_t rows_ = 0;
  std::shared_ptr<const arrow::Table> rest_;  // Rows not handed out yet.
  std::vector<PlacedMistake> mistakes_;
  std::size_t held_ = 0;  // Mistakes of the part that the rest is of.
  const pid_t process_ = ::getpid();
  std::unique_ptr<ArchiveReader> reader_;
};

}  // namespace

void AddDeliveryReader(py::module_& module) {
  using py::arg;
  py::class_<DeliveryReader>(module, "DeliveryReader", py::is_final())
      .def(py::init<const py::list&, py::handle, bool, py::handle,
                    const py::object&, bool, std::size_t, bool, py::object>(),
           arg("sources"), arg("endpoint"), arg("include_body"), arg("columns"),
           arg("secret"), arg("raw"), arg("threads"), arg("stop_at_error"),
           arg("progress"))
      .def("next", &DeliveryReader::Next, arg("rows"))
      .def("take_mistakes", &DeliveryReader::TakeMistakes);
}

}  // namespace tuco::python::deliveries
