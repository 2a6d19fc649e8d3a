/** An error of SQLite, which loses its code when it is sent as it is. */
export interface SentFailure {
  readonly message: string;
  readonly errcode: number | undefined;
}

export const toFailure = (error: unknown): SentFailure => {
  const { message, errcode } = error as { message: string; errcode?: number };
  return { message, errcode };
};

export const fromFailure = ({ message, errcode }: SentFailure): Error =>
  Object.assign(new Error(message), { errcode });
