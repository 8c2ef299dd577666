// Documents of the gateway.

/** By what even browsers without fetch have. */
export function get<T>(path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', path);
    request.responseType = 'json';
    request.onload = () => {
      if (request.status === 200) {
        resolve(request.response as T);
      } else {
        reject(new Error(`${path}: status ${request.status}`));
      }
    };
    request.onerror = () => reject(new Error(`${path}: not reached`));
    request.send();
  });
}
