/** Whether the runtime knows a time zone of that name. */
export const isTimeZone = (name: unknown): boolean => {
  if (typeof name !== 'string' || name === '') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
