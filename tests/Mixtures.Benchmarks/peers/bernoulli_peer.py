#!/usr/bin/python3
"""EM of a Bernoulli mixture beside NumPy: 60 000 x 784 zeros and ones as bytes, 20 components, from the same start.

usage, from the project's root, after `dotnet build -c Release`:
    /usr/bin/python3 tests/Mixtures.Benchmarks/peers/bernoulli_peer.py [--pairs 3]
needs NumPy with OpenBLAS (Debian's python3-numpy, libopenblas0-pthread) and 50 MB under the temporary folder.

'Ours' is   dotnet run -c Release --no-build --project tests/Mixtures.Benchmarks -- bernoulli FOLDER
and keeps the bytes. NumPy gets them widened beforehand, to float64 and to float32 (not timed, but counted as memory above the data), and
computes an iteration as its users do: X @ logits for the densities, a log-sum-exp, R.T @ X for the probabilities. Both sides get two threads.
Each pair runs ours, then NumPy; the ratio is taken pair by pair.
"""
import json, os, resource, subprocess, sys, tempfile, time

for v in ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[v] = '2'
import numpy as np
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_data

N, D, K, ITERATIONS, LEAST = 60_000, 784, 20, 12, 1e-12
OURS = ['dotnet', 'run', '-c', 'Release', '--no-build', '--project', 'tests/Mixtures.Benchmarks', '--', 'bernoulli']


def folder():
    path = os.path.join(tempfile.gettempdir(), 'mixtures-bench', 'bernoulli_bytes')
    if not os.path.exists(os.path.join(path, 'probabilities_init.f64')):
        os.makedirs(path, exist_ok=True)
        rs = np.random.RandomState(1015)
        P = make_data.protos(rs, K)
        z = rs.choice(K, N, p=rs.dirichlet(np.full(K, 5.0)))
        X = np.empty((N, D), np.uint8)
        for i in range(0, N, 5000):
            X[i:i + 5000] = rs.rand(min(5000, N - i), D) < P[z[i:i + 5000]]
        np.save(os.path.join(path, 'X.npy'), X)
        (0.25 + 0.5 * rs.rand(K, D)).tofile(os.path.join(path, 'probabilities_init.f64'))
    return path


def numpy_run(dtype):
    path = folder()
    X = np.load(os.path.join(path, 'X.npy'))
    p = np.fromfile(os.path.join(path, 'probabilities_init.f64')).reshape(K, D)
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    X = X.astype(dtype)
    w = np.full(K, 1.0 / K)
    stamps, history = [time.perf_counter()], []
    for i in range(ITERATIONS + 1):
        logits = np.log(p) - np.log1p(-p)
        L = X @ logits.T.astype(dtype) + (np.log(w) + np.log1p(-p).sum(1)).astype(dtype)
        most = L.max(1, keepdims=True)
        R = np.exp(L - most)
        total = R.sum(1, keepdims=True)
        history.append(float((most + np.log(total)).mean(dtype=np.float64)))
        if i == ITERATIONS:
            break
        R /= total
        n = R.sum(0, dtype=np.float64)
        p = np.clip((R.T @ X).astype(np.float64) / np.maximum(n, 1e-300)[:, None], LEAST, 1 - LEAST)
        w = n / n.sum()
        stamps.append(time.perf_counter())
    steps = np.diff(stamps)
    return dict(seconds_per_iteration=float(np.median(steps[len(steps) // 2:])), mean_log_likelihood_first=history[0],
                mean_log_likelihood_final=history[-1], above=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - loaded)


def run(command):
    out = subprocess.run(command, capture_output=True, text=True)
    if out.returncode:
        sys.exit('%s failed:\n%s' % (' '.join(command), out.stderr[-2000:]))
    return json.loads(out.stdout.strip().splitlines()[-1])


def main():
    if sys.argv[1:2] == ['--numpy']:
        print(json.dumps(numpy_run(np.dtype(sys.argv[2]))))
        return
    pairs = int(sys.argv[2]) if sys.argv[1:2] == ['--pairs'] else 3
    path = folder()
    runs = {name: [] for name in ('ours', 'float64', 'float32')}
    for _ in range(pairs):
        runs['ours'].append(run(OURS + [path]))
        for dtype in ('float64', 'float32'):
            runs[dtype].append(run([sys.executable, os.path.abspath(__file__), '--numpy', dtype]))
    seconds = lambda name: np.array([r['seconds_per_iteration'] for r in runs[name]])
    ours = runs['ours'][0]
    print('ours: %.1f ms an iteration, %.1f MB above the data' % (1e3 * np.median(seconds('ours')), ours['peak_rss_mb'] - ours['rss_loaded_mb']))
    for dtype in ('float64', 'float32'):
        r = runs[dtype][0]
        diff = max(abs(ours[k] - r[k]) / max(1, abs(r[k])) for k in ('mean_log_likelihood_first', 'mean_log_likelihood_final'))
        print('NumPy, %s: %.1f ms an iteration, %.0f MB above the data; ratio %.1fx, log-likelihoods differ by %.1e'
              % (dtype, 1e3 * np.median(seconds(dtype)), r['above'], np.median(seconds(dtype) / seconds('ours')), diff))


main()
